"""Who may interfere with a step that was chosen, by what is known or guessed of what comes after it."""

from __future__ import annotations

from sim.explore.frame import Frame, Future
from sim.explore.learning import Outcome
from sim.explore.tables import Tables


class Interfering:
    """Asks what processes may still touch whether it is dependent on a step."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def clash(self, frame: Frame, outcome: Outcome, future: Future, chosen: int) -> int:
        """The processes with which a step conflicts: now, or by what they may do later.

        A process that does not run does nothing later unless somebody who is not chosen may start it. One that takes
        all its items from a channel that the step finds empty and fills takes none before the step, unless somebody
        else fills the channel, who conflicts with the step.
        """
        if outcome.version != self.tables.version:
            self.tables.refresh(outcome)
        out = 0
        rivals = outcome.rivals
        own, _, rounds = future
        known, here, entries, feeds = len(own), len(frame.entries), frame.entries, outcome.feeds
        for index in outcome.rivals_of:
            entry = entries[index] if index < here else None
            if index < known and (rounds if feeds >> index & 1 else own)[index] & rivals:
                if entry is not None or self._may_start(frame, own, chosen, index):
                    out |= 1 << index
            elif entry is not None and entry.footprint & rivals and entry.outcomes:
                out |= 1 << index
        return out

    def _may_start(self, frame: Frame, own: list[int], chosen: int, index: int) -> bool:
        """Whether a process that does not run may be started before a step of the chosen: by one that runs and is not
        chosen, or by another that is started so.
        """
        entries, known = frame.entries, len(own)
        here = len(entries)
        seen, todo = 1 << index, [index]
        while todo:
            bit, starters = self.tables.starters(todo.pop())
            for other in starters:
                if other >= known or not own[other] & bit:
                    continue
                if other < here and entries[other] is not None:
                    if not chosen >> other & 1:
                        return True
                elif not seen >> other & 1:
                    seen |= 1 << other
                    todo.append(other)
        return False

    def joining(self, frame: Frame, clash: int, chosen: int, sets_off: list[int]) -> list[int]:
        """Who must join the chosen: processes that can step and conflict, or set off one that does, past the chosen."""
        clash &= ~chosen
        if not clash:
            return []
        out = []
        known = len(sets_off)
        for index in frame.able:
            bit = 1 << index
            if bit & chosen:
                continue
            if bit & clash:
                out.append(index)
            elif index < known:
                seen = chosen | bit
                todo = sets_off[index] & ~seen
                if todo and (todo & clash or _reaches(todo, seen, clash, sets_off)):
                    out.append(index)
        return out

    @staticmethod
    def writers(held: int, own: list[int]) -> int:
        """The processes that may change what keeps a blocked process blocked."""
        out = 0
        for index, footprint in enumerate(own):
            if footprint & (held << 1):
                out |= 1 << index
        return out


def _reaches(todo: int, seen: int, clash: int, sets_off: list[int]) -> bool:
    """Whether some of the processes set off one of those that clash, past those that were seen."""
    known = len(sets_off)
    while todo:
        bit = todo & -todo
        seen |= bit
        number = bit.bit_length() - 1
        todo = (todo | (sets_off[number] if number < known else 0)) & ~seen
        if todo & clash:
            return True
    return False
