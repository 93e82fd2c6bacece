"""How many worlds the reduced search explores. What it finds would be right as well if more processes joined than need
be, so the rules that keep them out are held by numbers.

The models are those of a fixed generator. A number that falls is an improvement; one that rises is a rule that is lost.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from sim.explore.tables import Tables
from tests.explore.programs import CELLS, SPARE, STREAMS, Lab
from tests.explore.test_reduced import reduced

MODELS = 100
Program = tuple[Any, ...]


def instruction(chance: random.Random, *, starts: bool) -> Program:
    """One that may be dependent on others."""
    cell, stream, number = chance.randrange(CELLS), chance.randrange(STREAMS), chance.randrange(2)
    some: list[Program] = [
        ("read", cell), ("write", cell, number), ("bump", cell), ("set-part", cell, 1 + number), ("low", cell),
        ("await", cell), ("send", stream, number), ("receive", stream), ("queue", number), ("take",),
    ]  # fmt: skip
    return chance.choice([*some, ("start", number), ("stop", number)] if starts else some)


def program(chance: random.Random, length: int, *, starts: bool = False) -> Program:
    return tuple(instruction(chance, starts=starts) for _ in range(length))


def quiet(chance: random.Random) -> Lab:
    """Nobody starts, stops or kills anybody."""
    return Lab(tuple(program(chance, 3) for _ in range(3)), ((),) * SPARE)


def starting(chance: random.Random) -> Lab:
    """Some start others, or stop them, which start others again."""
    first = (("start", 0), ("start", 1))
    spare = tuple((*program(chance, 2, starts=True), ("bump", 1)) for _ in range(SPARE))
    return Lab((program(chance, 2), first, program(chance, 3, starts=True)), spare)


def killing(chance: random.Random) -> Lab:
    """A domain is killed, frozen, or goes on."""
    fate = (chance.choice([("kill",), ("freeze",)]), ("thaw",))
    return Lab((fate, *(program(chance, 3) for _ in range(3))), ((),) * SPARE)


def working(chance: random.Random) -> Lab:
    """Workers that take items round after round, of channels that others fill."""

    def worker(take: Program) -> Program:
        return (take, *program(chance, 1), take, *program(chance, 1), take)

    sends = tuple(("send", 0, chance.randrange(2)) for _ in range(2))
    queues = tuple(("queue", chance.randrange(2)) for _ in range(2))
    workers = (worker(("receive", 0)), worker(("take",)))
    return Lab((*workers, (*program(chance, 1), *sends), (*program(chance, 1), *queues)), ((),) * SPARE)


def explored(make: Callable[[random.Random], Lab]) -> int:
    """The worlds explored of all models of a kind."""
    total = 0
    for seed in range(MODELS):
        lab = make(random.Random(seed))
        tables = Tables()
        total += len(reduced(tables, tables.packing.load(lab.machine())).worlds)
    return total


@pytest.mark.parametrize(("make", "most"), [(quiet, 1218), (starting, 6928), (killing, 4111), (working, 4609)])
def test_no_more_worlds_are_explored_than_need_be(make: Callable[[random.Random], Lab], most: int) -> None:
    assert explored(make) <= most
