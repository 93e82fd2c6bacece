"""The story of a loss names its causes, in order, in at most 8 lines; and every line is so."""

from __future__ import annotations

import pytest

from models.catalogue import CATALOGUE
from sim.timed.run import run, settle


def story(scenario: str, algorithm: str, seed: int, **settings: str) -> list[str]:
    model = CATALOGUE.model(scenario, settings, algorithm)
    done = run(model, settle(model), seed, record=True)
    return model.tell(done.recorded, done.machine.get, done.changes)


def in_order(lines: list[str], *parts: str) -> None:
    at = 0
    for part in parts:
        at = next((i for i in range(at, len(lines)) if part in lines[i]), -1) + 1
        assert at, f"{part!r} is missing or out of order in {lines}"


@pytest.mark.parametrize("seed", range(12))
def test_the_incident_goes_from_the_reboot_to_what_is_still_said(seed: int) -> None:
    lines = story("incident", "0.19.0", seed)
    assert len(lines) <= 8
    in_order(
        lines,
        "host host-1 goes down",
        "lists all ServiceImports and takes submariner-k8s-broker/",
        "agent a deletes ServiceImport submariner-k8s-broker/",
        "at rest, ServiceExport",
    )
    times = [float(line.split(" s ")[0]) for line in lines]
    assert times == sorted(times)
    services = {word.strip(":,") for line in lines for word in line.split() if "web-" in word}
    assert len({word.split("web-")[1][0] for word in services}) == 1  # one service, whatever else was lost


def test_the_re_export_goes_back_to_the_user() -> None:
    lines = story("re-export", "0.19.1", 0)
    in_order(
        lines, "a user deletes", "a user creates", "it names b already", "agent b deletes ServiceImport", "at rest"
    )
    assert not any("its own API server" in line for line in lines)


def test_a_run_without_a_loss_has_no_story() -> None:
    assert story("incident", "0.19.1", 0) == []


def test_a_loss_that_was_repaired_is_told_as_well() -> None:
    lines = story("incident", "0.19.0", 0, monitor="on")
    in_order(lines, "host host-1 goes down", "deletes ServiceImport submariner-k8s-broker/")
    assert not any("at rest" in line for line in lines)
