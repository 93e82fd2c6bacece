"""What others than agents do in a log touches only what it declares; scenarios have requests of their own for that."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from models.kube.objects import ENDPOINT_SLICES, LIGHTHOUSE_SLICES, SERVICE_EXPORTS, ServiceImport
from models.logs.log import logs
from models.logs.requests import BreakWatches, DeleteNamed, Empty, Put
from sim.core import Request, Stage
from sim.timed.run import settle
from tests.core.audit import Audited

HERE = Path(__file__).parent


@pytest.mark.parametrize("seed", range(4))
def test_what_others_do_touches_only_what_it_declares(seed: int) -> None:
    log = next(iter(logs(str(HERE / "controllers-restart-of-both.jsonl"), None)))
    topology, chance = log.world.topology, random.Random(seed)
    machine = Audited()
    machine.load(settle(log))
    a, b = topology.apis
    requests: list[Request] = [
        DeleteNamed(a, ENDPOINT_SLICES, "default", "nginx-x", LIGHTHOUSE_SLICES, made=True),
        DeleteNamed(b, SERVICE_EXPORTS, "default", "nginx", SERVICE_EXPORTS),
        Put(a, ServiceImport(namespace="default", name="of-somebody")),
        Empty(topology.broker_api, slices_too=True),
        BreakWatches((*topology.clusters[0].agent.informers("serviceexports"),)),
    ]
    chance.shuffle(requests)
    for number, request in enumerate(requests):
        machine.start(log.users, f"outside {number}", once, request)
        for _ in range(60):
            able = machine.enabled()
            if able:
                machine.step(*chance.choice(able))
    assert machine.undeclared == set()
    assert machine.impure == set()
    assert {type(request).__name__ for request in requests} <= machine.kinds


def once(request: Request) -> Stage:
    """One request."""
    yield request
    return None
