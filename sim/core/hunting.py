"""What a hunt needs of models: small configurations by size, what can be wrong at rest, and names for causes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from sim.core.model import Model
from sim.core.property import Property
from sim.core.request import Get
from sim.core.trace import Step


class Configuration(msgspec.Struct, frozen=True):
    """A small configuration: its scenario as the text of a file, in words, and what orders it among others; ``effort``
    is how many times more than usual is walked in it.
    """

    name: str
    words: str
    size: tuple[int, ...]
    text: str
    effort: int = 1


class Symptom(msgspec.Struct, frozen=True):
    """Something that can be wrong in a world at rest; ``gravity`` 0 is the worst."""

    name: str
    gravity: int
    is_for_good: bool
    property: Property


class Moment(msgspec.Struct, frozen=True):
    """A place in a schedule that made the difference: the index of a step, or None, and the processes that, had they
    gone first, would have saved it.
    """

    step: int | None
    saved_by: tuple[str, ...]


class Cause(msgspec.Struct, frozen=True):
    """Why a schedule ends wrong. Equal keys are one cause.

    ``name`` is that of the race, or empty; ``is_known`` says whether it is on a list. ``handlers`` are (name, what it
    stands for upstream) of those whose steps decided, ``closes`` says what would close it.
    """

    key: tuple[str, ...]
    title: str
    lines: tuple[str, ...]
    name: str
    is_known: bool
    handlers: tuple[tuple[str, str], ...]
    closes: str


class ListedRace(msgspec.Struct, frozen=True):
    """A race that is on a list. ``missing`` says why the model cannot show it; ``elsewhere`` is a
    release to look in where the one that is hunted in cannot have it, in configurations whose words have ``hint``;
    ``note`` is what else is to be said.
    """

    name: str
    about: str
    missing: str = ""
    elsewhere: str = ""
    hint: str = ""
    note: str = ""


class Hunter(Protocol):
    """What a package of models says to a hunt.

    ``given`` makes a configuration of a scenario's file; ``saved`` is the text of a file in which it is judged by what
    a symptom is about, with what is expected of algorithms ("fails", "holds"), and that other commands accept.
    ``races`` are those that are on a list, with what the model cannot show. ``cause`` is told the steps of a schedule,
    the moment that made the difference, and how to read the cells of its last world.
    """

    def configurations(self, budget: str) -> list[Configuration]: ...
    def races(self) -> list[ListedRace]: ...
    def model(self, configuration: Configuration, algorithm: str) -> Model: ...
    def symptoms(self, model: Model) -> tuple[Symptom, ...]: ...
    def given(self, scenario: str) -> Configuration: ...
    def saved(self, configuration: Configuration, symptom: str, expected: Mapping[str, str]) -> str: ...
    def cause(self, model: Model, symptom: Symptom, steps: Sequence[Step], moment: Moment, get: Get) -> Cause: ...
