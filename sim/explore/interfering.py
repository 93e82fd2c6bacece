"""Who may interfere with a step that was chosen, by what is known or guessed of what comes after it."""

from __future__ import annotations

from sim.explore.frame import Frame
from sim.explore.futures import Future, Masks
from sim.explore.learning import Outcome
from sim.explore.tables import Tables


class Interfering:
    """Asks what processes may still touch whether it is dependent on a step."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._joining: dict[tuple[int, int, int, int], list[int]] = {}

    def clash(self, frame: Frame, outcome: Outcome, future: Future, chosen: int) -> int:
        """The processes with which a step conflicts: now, or by what they may do later.

        A process that does not run does nothing later unless somebody who is not chosen may start it. One that takes
        all its items from a channel that the step finds empty and fills takes none before the step, unless somebody
        else fills the channel, who conflicts with the step.
        """
        if outcome.version != self.tables.version:
            self.tables.refresh(outcome)
        found = future.conflicting(outcome, outcome.version)
        out = found & frame.running
        idle = found ^ out
        while idle:
            bit = idle & -idle
            idle ^= bit
            if self._may_start(frame, future.own, chosen, bit.bit_length() - 1):
                out |= bit
        now = outcome.rivals_mask & frame.stepping & ~found
        while now:
            bit = now & -now
            now ^= bit
            entry = frame.entries[bit.bit_length() - 1]
            if entry is not None and entry.footprint & outcome.rivals:
                out |= bit
        return out

    def _may_start(self, frame: Frame, own: Masks, chosen: int, index: int) -> bool:
        """Whether a process that does not run may be started before a step of the chosen: by one that runs and is not
        chosen, or by another that is started so.
        """
        known, running = len(own), frame.running
        seen, todo = 1 << index, [index]
        while todo:
            bit, starters = self.tables.starters(todo.pop())
            for other in starters:
                if other >= known or not own[other] & bit:
                    continue
                if running >> other & 1:
                    if not chosen >> other & 1:
                        return True
                elif not seen >> other & 1:
                    seen |= 1 << other
                    todo.append(other)
        return False

    def joining(self, frame: Frame, clash: int, chosen: int, future: Future) -> list[int]:
        """Who must join the chosen: processes that can step and conflict, or set off one that does, past the chosen."""
        clash &= ~chosen
        if not clash:
            return []
        key = (future.sets_off_number, frame.stepping, clash, chosen)
        found = self._joining.get(key)
        if found is None:
            found = self._joining[key] = _joining(frame, clash, chosen, future.sets_off)
        return found

    @staticmethod
    def writers(held: int, own: Masks) -> int:
        """The processes that may change what keeps a blocked process blocked."""
        out = 0
        for index, footprint in enumerate(own):
            if footprint & (held << 1):
                out |= 1 << index
        return out


def _joining(frame: Frame, clash: int, chosen: int, sets_off: Masks) -> list[int]:
    out = []
    for index in frame.able:
        bit = 1 << index
        if bit & chosen:
            continue
        if bit & clash or (index < len(sets_off) and _reaches(sets_off[index], chosen | bit, clash, sets_off)):
            out.append(index)
    return out


def _reaches(todo: int, seen: int, clash: int, sets_off: Masks) -> bool:
    """Whether some of the processes are those that clash, or set off one of them, past those that were seen."""
    todo &= ~seen
    while todo:
        if todo & clash:
            return True
        bit = todo & -todo
        seen |= bit
        number = bit.bit_length() - 1
        todo = (todo | (sets_off[number] if number < len(sets_off) else 0)) & ~seen
    return False
