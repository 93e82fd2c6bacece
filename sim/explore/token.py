"""Tokens of searched schedules: which of the steps that could be taken was taken, each time, in the order of names."""

from __future__ import annotations

from functools import partial

import msgspec

from sim.core.errors import BadInput
from sim.core.packed import packed, unpacked
from sim.core.trace import Step
from sim.explore.subject import Moves, Subject, Told

PREFIX = "check1"


class ScheduleToken(msgspec.Struct, frozen=True, array_like=True):
    """A schedule of a scenario under one algorithm.

    ``picks`` are, for each step, its place in :meth:`sim.core.machine.Machine.enabled`.
    """

    version: str
    scenario: str
    digest: str
    settings: dict[str, str]
    algorithm: str
    may_stop: bool
    picks: bytes


def picks(subject: Subject, moves: Moves) -> bytes:
    """The places of the steps of a schedule."""
    machine = subject.machine()
    out = bytearray()
    for domain, name, choice in subject.named(moves):
        able = machine.enabled()
        place = next(i for i, (p, c) in enumerate(able) if (p.domain.name, p.name, c) == (domain, name, choice))
        out.append(place)
        machine.step(*able[place])
    return bytes(out)


def encode(token: ScheduleToken) -> str:
    """The token as text."""
    return packed(PREFIX, msgspec.msgpack.encode(token))


def is_schedule(text: str) -> bool:
    """Whether the text looks like a token of this kind."""
    return text.strip().startswith(PREFIX[:-1])


def decode(text: str, version: str) -> ScheduleToken:
    """The token that the text stands for.

    Raises:
        BadInput: it is cut short or altered, of another kind, or was made by another version.
    """
    token: ScheduleToken = unpacked(text, PREFIX, partial(msgspec.msgpack.decode, type=ScheduleToken))
    if token.version != version:
        raise BadInput(
            f"the token was made by version {token.version}, this is {version}: its steps may not fit",
            f"a token of this version; make one with: python -m sim check {token.scenario} "
            f"--algorithm {token.algorithm}"
            + "".join(f" --set {key}={value}" for key, value in token.settings.items()),
        )
    return token


def replayed(told: Told, places: bytes) -> list[Step]:
    """Take the steps at these places, numbered from 1.

    Raises:
        BadInput: there is no step at one of them.
    """
    for number, place in enumerate(places, start=1):
        able = told.machine.enabled()
        if place >= len(able):
            raise BadInput(
                f"step {number} of the token does not fit: {len(able)} steps can be taken there", "another token"
            )
        told.take(*able[place])
    return told.steps
