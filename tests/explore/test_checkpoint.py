"""A search that is broken off, kept in a file and gone on with in another process ends as one that never was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from models.catalogue import CATALOGUE
from sim.core.errors import BadInput
from sim.explore import checkpoint
from sim.explore.checkpoint import Checkpoint
from sim.explore.cycles import close_cycles
from sim.explore.exhaust import Bounds, exhaust
from sim.explore.frame import NewPart
from sim.explore.reduced import Reduced
from sim.explore.saved import Saved, restore, saved
from sim.explore.subject import Subject
from sim.explore.tables import Tables
from sim.explore.whole import KIND
from sim.timed.run import settle
from tests.explore.examples import examples
from tests.explore.programs import Lab, labs
from tests.explore.test_reduced import LABS

WORLDS_MAX = 300


def begun(lab: Lab) -> tuple[Reduced, int]:
    """A search of a model of which nothing is known."""
    tables = Tables()
    begin = tables.packing.load(Lab(lab.programs, lab.spare).machine())
    return Reduced(tables, lambda _slot: 0), begin


def elsewhere(lab: Lab, search: Reduced) -> Reduced:
    """The search as another process reads it."""
    data = msgspec.msgpack.encode(saved(search, 1.5))
    other, _ = begun(lab)
    restore(other, msgspec.msgpack.decode(data, type=Saved))
    return other


def to_the_end(lab: Lab, search: Reduced, every: int) -> Reduced | None:
    """Until it has nothing more to run; None when it is no longer short.

    Raises:
        NewPart: as the search does; its ``args`` is the search that met it.
    """
    while (left := WORLDS_MAX - len(search.worlds) - len(search.stack)) > 0:
        try:
            if search.run(min(every or left, left)):
                return search
        except NewPart:
            raise NewPart(search) from None
        search = elsewhere(lab, search) if every else search
    return None


def searched(lab: Lab, every: int) -> Reduced | None:
    """The whole search, None if it is not short; with ``every``, taken elsewhere after every so many worlds."""
    begun_with, begin = begun(lab)
    tables = begun_with.tables
    while True:
        tables.forget()
        search: Any = Reduced(tables, lambda _slot: 0)
        try:
            search.begin(begin)
            search = to_the_end(lab, search, every)
            search = elsewhere(lab, search) if search and every else search
            turn = 0
            while search and next(close_cycles(search), False):
                search = to_the_end(lab, search, every)
                turn += 1
                if search and every and turn % every == 0:
                    search = elsewhere(lab, search)
        except NewPart as new:
            tables = (new.args[0] if new.args else search).tables
            continue
        return elsewhere(lab, search) if search and every else search


def facts(search: Reduced | None) -> object:
    """All that a search has found, and how, in the order in which it did; None of one that is not short."""
    if search is None:
        return None
    worlds = [
        (world, k.future.own, k.future.sets_off, k.future.rounds, k.chosen, k.steps, k.targets)
        for world, k in search.worlds.items()
    ]
    tables = search.tables
    return (
        worlds, search.at_rest, search.targets, search.steps, search.cycles, list(search.back_edges),
        tables.log, tables.forgot, tables.version, tables.packing.width, tables.learner.learned,
    )  # fmt: skip


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("name", LABS)
def test_known_traps(name: str, every: int) -> None:
    lab = Lab(*LABS[name])
    assert facts(searched(lab, every)) == facts(searched(lab, 0))


GUESSED_AGAIN = Lab(
    ((("kill",),), (("read", 0),), (("read", 1), ("read", 0), ("again", 0)), (("again", 0),)),
    ((("read", 0),), (("read", 0),)),
)
"""Here what is guessed while cycles are closed decides whom a search begins with."""


@examples(100)
@given(labs(), st.integers(1, 40))
@example(GUESSED_AGAIN, 1)
def test_a_search_of_a_random_model_goes_on_elsewhere(lab: Lab, every: int) -> None:
    whole = searched(lab, 0)
    assume(whole is not None)  # a model that sends for ever has no end
    assert whole is not None
    every = max(every, (len(whole.worlds) + len(whole.stack)) // 10)  # each time costs as much as all before it
    assert facts(searched(lab, every)) == facts(whole)


# -- the file ------------------------------------------------------------------------------------------------------


def subject(algorithm: str, name: str) -> Subject:
    model = CATALOGUE.search("restart", {"restarted": "[a, b]"} if name == "L1" else {"restarted": "[a]"}, algorithm)
    return Subject(model, settle(model), tuple(p for p in model.checked() if p.name == name), may_stop=True)


def keep(path: Path, version: str = "1", **question: str) -> Checkpoint:
    return Checkpoint(path, version, {"algorithm": "0.19.1", **question}, every_s=0)


@pytest.mark.parametrize(("algorithm", "name"), [("0.19.1", "L1"), ("0.19.0", "S1")])
def test_a_bound_leaves_a_file_and_a_larger_bound_goes_on(algorithm: str, name: str, tmp_path: Path) -> None:
    """S1 must hold always, so the search looks at it in every world, and keeps the worlds that violate it."""
    whole = exhaust(subject(algorithm, name))
    count = len(whole.search.worlds)
    for worlds in (count // 3, count // 2, 0, 0):
        before = exhaust(subject(algorithm, name), Bounds(worlds=worlds))
        kept = keep(tmp_path / "file")
        done = exhaust(subject(algorithm, name), Bounds(worlds=worlds), keep=kept)
        assert done.bound == before.bound
        assert facts(done.search) == facts(before.search)
    assert kept.done
    assert [left.name for left in tmp_path.iterdir()] == ["file"]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What a search that was broken off has left."""
    path = tmp_path_factory.mktemp("kept") / "file"
    exhaust(subject("0.19.1", "L1"), Bounds(worlds=300), keep=keep(path))
    return path.read_bytes()


def flipped(data: bytes) -> bytes:
    return data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]


BROKEN: dict[str, tuple[Callable[[bytes], bytes], dict[str, str]]] = {
    "is not a checkpoint": (lambda _: b"notes of mine\n", {}),
    "is cut short: only 0 bytes": (lambda _: b"", {}),
    "is cut short: only 20 bytes": (lambda data: data[:20], {}),
    "is cut short: 40 of": (lambda data: data[: data.index(b"\n") + 41], {}),
    "is damaged: its SHA-256": (flipped, {}),
    "of format 9, this program writes format 3": (lambda data: data.replace(KIND + b" 3", KIND + b" 9", 1), {}),
    "was written by version 1, this is 2": (lambda data: data, {"version": "2"}),
    "its algorithm is 0.19.1, not 0.19.0": (lambda data: data, {"algorithm": "0.19.0"}),
    "its strategy is not given, not pct": (lambda data: data, {"strategy": "pct"}),
}


@pytest.mark.parametrize("problem", BROKEN)
def test_a_file_that_does_not_fit_is_refused_and_left_alone(problem: str, file: bytes, tmp_path: Path) -> None:
    change, other = BROKEN[problem]
    path = tmp_path / "file"
    path.write_bytes(change(file))
    with pytest.raises(BadInput) as error:
        keep(path, **other).check()
    assert problem in error.value.problem
    assert str(path) in error.value.problem
    assert path.read_bytes() == change(file)
    assert [left.name for left in tmp_path.iterdir()] == ["file"]


def test_a_file_of_a_model_that_learns_otherwise_is_refused(file: bytes, tmp_path: Path) -> None:
    """Should a version or a question not tell two models apart, what they learn does."""
    path = tmp_path / "file"
    path.write_bytes(file)
    with pytest.raises(BadInput, match="does not fit this search"):
        exhaust(subject("0.19.0", "L1"), keep=keep(path))
    assert path.read_bytes() == file


def test_where_nothing_can_be_written_it_is_said_before_the_search(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for path, problem in ((tmp_path / "no" / "file", "cannot be written"), (tmp_path / "folder", "is a folder")):
        with pytest.raises(BadInput, match=problem):
            keep(path).check()


def test_a_full_disk_does_not_end_the_search(file: bytes, tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    path = tmp_path / "file"
    path.write_bytes(file)

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "write_whole", fails)
    done = exhaust(subject("0.19.1", "L1"), keep=keep(path))
    assert not done.bound
    assert "could not be written: No space left on device" in capsys.readouterr().err
    assert path.read_bytes() == file


def test_the_first_write_comes_soon_and_the_next_ones_seldomer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that is killed again and again gets on, and writing takes a small part of the time."""
    now, written = [100.0], []
    monkeypatch.setattr("sim.explore.checkpoint.time.monotonic", lambda: now[0])
    takes = [0.0]

    def write(*_: object) -> None:
        written.append(now[0] - 100)
        now[0] += takes[0]

    monkeypatch.setattr(checkpoint, "write_whole", write)
    search = begun(Lab(*LABS[next(iter(LABS))]))[0]
    kept = Checkpoint(tmp_path / "file", "1", {})
    while now[0] < 200:
        kept.write_if_due(search, 1.0)
        now[0] += 0.5
    assert written == [2, 6, 14, 30, 50, 70, 90]
    takes[0] = 4.0
    kept = Checkpoint(tmp_path / "file", "1", {})
    now[0], written[:] = 100.0, []
    while now[0] < 400:
        kept.write_if_due(search, 1.0)
        now[0] += 0.5
    assert len(written) * takes[0] < (written[-1] - written[0]) / 10
