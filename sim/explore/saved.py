"""A reduced search as plain numbers, and the search again from them.

Values and the code of a model are not kept. What was learned is kept as the places where it was learned: learned again
in the same order, every field, bit and entry gets the number that it had, which a digest of all of them confirms. On
that, the explored worlds and those on the way are numbers: a world is ``width`` bytes, least significant first; lists
are kept once and named by their place; columns are arrays of 32-bit numbers, in the order of this machine.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import TypeVar

import msgspec

from sim.explore.cycles import Before, Closing, Work
from sim.explore.frame import Edge, Frame, Known, Targets
from sim.explore.futures import Future, Masks
from sim.explore.learning import Entry
from sim.explore.reduced import Reduced
from sim.explore.tables import Tables

Value = TypeVar("Value")


class SavedFrame(msgspec.Struct, frozen=True, array_like=True):
    """A world on the way.

    ``entries`` are numbers of entries, -1 for none; a step is (slot, which of the outcomes of its entry), and an edge
    is a step with the world after it and the bits that are held.
    """

    world: bytes
    chosen: bytes
    entries: list[int]
    todo: list[tuple[int, int]]
    edges: list[tuple[int, int, bytes, bytes]]


class SavedTables(msgspec.Struct, frozen=True, array_like=True):
    """What was learned: ``slots`` and ``worlds`` are the log, ``forgot`` after how much of it all was forgotten.

    ``outcomes`` are, by entry, for which version whom each of its outcomes may concern was worked out, and what came
    out; an older answer than the present one may be in use, and a search that goes on must use the same.
    """

    slots: bytes
    worlds: bytes
    forgot: list[int]
    outcomes: list[tuple[int, list[tuple[int, tuple[int, ...], tuple[int, ...], tuple[int, ...], bytes]]]]
    digest: str


class SavedWorlds(msgspec.Struct, frozen=True, array_like=True):
    """Explored worlds: columns of places in ``lists`` (cut from ``flat`` by ``lengths``), ``ints`` and ``near``.

    The last of them, ``on_the_way`` in number, are being explored further.
    """

    worlds: bytes
    own: bytes
    sets_off: bytes
    rounds: bytes
    chosen: bytes
    steps: bytes
    targets: bytes
    ints: list[bytes]
    lengths: bytes
    flat: bytes
    near: list[Targets]
    on_the_way: int


class SavedClosing(msgspec.Struct, frozen=True, array_like=True):
    """How far cycles were closed: worlds with their ``order`` and to how many (``counts``) others, of ``after``, they
    lead; worlds ``left`` since; the ``heap`` of those that wait, None if there is none; see
    :class:`sim.explore.cycles.Closing` for the rest.
    """

    worlds: bytes
    order: bytes
    counts: bytes
    after: bytes
    left: bytes
    heap: list[tuple[int, bytes]] | None
    entered: bytes | None
    put_off: bytes


class Saved(msgspec.Struct, frozen=True, array_like=True):
    """A search. ``width`` is the number of bytes of a world, ``seconds`` how long it has taken so far;
    ``targets`` are names, or worlds without a name.
    """

    seconds: float
    width: int
    steps: int
    deepest: int
    cycles: bool
    parts: int
    at_rest: bytes
    back_edges: bytes
    targets: list[tuple[str, bytes]]
    tables: SavedTables
    worlds: SavedWorlds
    stack: list[SavedFrame]
    closing: SavedClosing | None


class Misfit(Exception):
    """What was saved does not fit the model as it is."""


# -- to numbers ----------------------------------------------------------------------------------------------------


def saved(search: Reduced, seconds: float) -> Saved:
    """A search that pauses between two steps."""
    width = (search.tables.packing.width + 7) // 8
    frames = [_frame(frame) for frame in search.stack]
    return Saved(
        seconds=seconds,
        width=width,
        steps=search.steps,
        deepest=search.deepest,
        cycles=search.cycles,
        parts=search.parts,
        at_rest=_joined(search.at_rest, width),
        back_edges=_joined(search.back_edges, width),
        targets=[(target, b"") if isinstance(target, str) else ("", _bytes(target)) for target in search.targets],
        tables=_tables(search, width),
        worlds=_worlds(search, width),
        stack=frames,
        closing=None if search.closing is None else _closing(search.closing, width),
    )


def _frame(frame: Frame) -> SavedFrame:
    def place(step: object, slot: int) -> int:
        entry = frame.entries[slot]
        assert entry is not None
        return next(i for i, outcome in enumerate(entry.outcomes) if outcome is step)

    edges = [(edge.outcome.slot.index, edge) for edge in frame.edges]
    return SavedFrame(
        world=_bytes(frame.world),
        chosen=_bytes(frame.chosen),
        entries=[-1 if entry is None else entry.number for entry in frame.entries],
        todo=[(outcome.slot.index, place(outcome, outcome.slot.index)) for outcome in frame.todo],
        edges=[(slot, place(edge.outcome, slot), _bytes(edge.after), _bytes(edge.held)) for slot, edge in edges],
    )


def _tables(search: Reduced, width: int) -> SavedTables:
    tables = search.tables
    used = {entry.number: entry for entry in tables.entries()}
    for frame in search.stack:
        used.update((entry.number, entry) for entry in frame.entries if entry is not None)
    return SavedTables(
        slots=array("I", (slot for slot, _ in tables.log)).tobytes(),
        worlds=_joined((world for _, world in tables.log), width),
        forgot=tables.forgot,
        outcomes=[
            (number, [(o.version, o.touched, o.rivals_of, o.woken, _bytes(o.feeds)) for o in entry.outcomes])
            for number, entry in sorted(used.items())
        ],
        digest=digest(tables),
    )


def _worlds(search: Reduced, width: int) -> SavedWorlds:
    lists: dict[Masks, int] = {}
    futures: dict[Future, tuple[int, int, int]] = {}
    again = {frame.world: frame.was for frame in search.stack if frame.was is not None}
    known = [*search.worlds.values(), *again.values()]
    for k in known:
        future = k.future
        if future not in futures:
            one, two, three = (
                lists.setdefault(masks, len(lists)) for masks in (future.own, future.sets_off, future.rounds)
            )
            futures[future] = one, two, three
    own, sets_off, rounds = (array("I", [futures[k.future][n] for k in known]) for n in range(3))
    ints = _numbered(chain((k.chosen for k in known), chain.from_iterable(lists)))
    near = _numbered(k.targets for k in known)
    return SavedWorlds(
        worlds=_joined(chain(search.worlds, again), width),
        own=own.tobytes(),
        sets_off=sets_off.tobytes(),
        rounds=rounds.tobytes(),
        chosen=array("I", (ints[k.chosen] for k in known)).tobytes(),
        steps=array("I", (k.steps for k in known)).tobytes(),
        targets=array("I", (near[k.targets] for k in known)).tobytes(),
        ints=[_bytes(value) for value in ints],
        lengths=array("I", map(len, lists)).tobytes(),
        flat=array("I", map(ints.__getitem__, chain.from_iterable(lists))).tobytes(),
        near=list(near),
        on_the_way=len(again),
    )


def _closing(closing: Closing, width: int) -> SavedClosing:
    before, work = closing.before, closing.work
    return SavedClosing(
        worlds=_joined(before.after, width),
        order=array("I", (before.order[world] for world in before.after)).tobytes(),
        counts=array("I", map(len, before.after.values())).tobytes(),
        after=_joined(chain.from_iterable(before.after.values()), width),
        left=_joined(closing.search.left or (), width),
        heap=None if work is None else [(order, _bytes(world)) for order, world in work.heap],
        entered=None if closing.entered is None else _bytes(closing.entered),
        put_off=_joined(closing.put_off, width),
    )


def digest(tables: Tables) -> str:
    """All fields, bits and entries that are not forgotten, in one word."""
    hasher = hashlib.sha256()
    packing = tables.packing
    for field in (*packing.cells.values(), *packing.slots):
        hasher.update(repr((field.name, field.pieces, len(field.values))).encode())
    hasher.update(repr((tables.version, tables.accesses.new_parts, tables.learner.learned)).encode())
    for entry in tables.entries():
        hasher.update(repr((entry.number, entry.mask, entry.reads, entry.footprint)).encode())
        for outcome in entry.outcomes:
            hasher.update(repr((outcome.delta, outcome.footprint, outcome.rivals, outcome.wakes)).encode())
    return hasher.hexdigest()


# -- from numbers --------------------------------------------------------------------------------------------------


def restore(search: Reduced, found: Saved) -> None:
    """Fill a new search, whose tables know what was known before the saved one began.

    Raises:
        Misfit: the tables come out otherwise than where the search was saved, or the numbers say nothing.
    """
    try:
        entries = _learn_again(search.tables, found)
        _fill(search, found)
        further = _fill_worlds(search, found.worlds, found.width)
        for frame in found.stack:
            search.resume(_unpacked(search, frame, entries))
            search.stack[-1].was = further.get(search.stack[-1].world)
        if found.closing is not None:
            _fill_closing(search, found.closing, found.width)
    except (LookupError, ValueError, TypeError) as error:
        raise Misfit(f"it says nothing ({error})") from error


def _learn_again(tables: Tables, found: Saved) -> dict[int, Entry]:
    kept = found.tables
    log = list(zip(_array(kept.slots), _split(kept.worlds, found.width), strict=True))
    entries = tables.learn_again(log, kept.forgot)
    if entries is None:
        raise Misfit("walks of this version learn other steps before the search begins")
    if digest(tables) != kept.digest:
        raise Misfit("what it lists, learned again, comes out otherwise")
    for number, states in kept.outcomes:
        for outcome, state in zip(entries[number].outcomes, states, strict=True):
            version, touched, rivals_of, woken, feeds = state
            outcome.concern(version, touched, rivals_of, woken, _int(feeds))
    return entries


def _fill(search: Reduced, found: Saved) -> None:
    search.steps, search.cycles, search.parts = found.steps, found.cycles, found.parts
    search.deepest = found.deepest
    search.at_rest = _split(found.at_rest, found.width)
    search.back_edges = dict.fromkeys(_split(found.back_edges, found.width))
    search.targets = {name or _int(world): number for number, (name, world) in enumerate(found.targets)}


def _fill_worlds(search: Reduced, found: SavedWorlds, width: int) -> dict[int, Known]:
    """Fill in the explored worlds; returns what was known of those that are being explored further."""
    ints = [_int(value) for value in found.ints]
    flat = [ints[place] for place in _array(found.flat)]
    lists, end = [], 0
    for length in _array(found.lengths):
        lists.append(tuple(flat[end : end + length]))
        end += length
    search.interned = {targets: targets for targets in found.near}
    columns = (found.own, found.sets_off, found.rounds, found.chosen, found.steps, found.targets)
    of = search.futures.of
    rows = zip(_split(found.worlds, width), *map(_array, columns), strict=True)
    search.worlds = {
        world: Known(of(lists[own], lists[sets_off], lists[rounds]), ints[chosen], steps, found.near[targets])
        for world, own, sets_off, rounds, chosen, steps, targets in rows
    }
    for world, known in search.worlds.items():
        search.guess.note(world, known)
    return dict(search.worlds.popitem() for _ in range(found.on_the_way))


def _fill_closing(search: Reduced, found: SavedClosing, width: int) -> None:
    worlds, afters = _split(found.worlds, width), iter(_split(found.after, width))
    before = Before(search, dict(zip(worlds, _array(found.order), strict=True)))
    for world, count in zip(worlds, _array(found.counts), strict=True):
        before.note(world, list(islice(afters, count)))
    search.left = _split(found.left, width)
    closing = search.closing = Closing(search, before)
    if found.heap is not None:
        closing.work = Work(before, ())
        closing.work.restore([(order, _int(world)) for order, world in found.heap])
    closing.entered = None if found.entered is None else _int(found.entered)
    closing.put_off = _split(found.put_off, width)


def _unpacked(search: Reduced, found: SavedFrame, entries: dict[int, Entry]) -> Frame:
    here = [None if number < 0 else entries[number] for number in found.entries]
    frame = search.framed(_int(found.world), here)
    outcomes = [() if entry is None else entry.outcomes for entry in here]
    frame.chosen = _int(found.chosen)
    frame.todo = [outcomes[slot][place] for slot, place in found.todo]
    frame.edges = [Edge(outcomes[slot][place], _int(after), _int(held)) for slot, place, after, held in found.edges]
    return frame


# -- numbers as bytes ----------------------------------------------------------------------------------------------


def _bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "little")


def _int(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _joined(worlds: Iterable[int], width: int) -> bytes:
    return b"".join([world.to_bytes(width, "little") for world in worlds])


def _split(data: bytes, width: int) -> list[int]:
    return [int.from_bytes(data[at : at + width], "little") for at in range(0, len(data), width)]


def _array(data: bytes) -> Sequence[int]:
    out = array("I")
    out.frombytes(data)
    return out


def _numbered(values: Iterable[Value]) -> dict[Value, int]:
    return {value: place for place, value in enumerate(dict.fromkeys(values))}
