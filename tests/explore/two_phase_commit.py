"""``TwoPhase`` of Lamport and Gray ("Consensus on Transaction Commit") in the language of models.

Resource managers, a transaction manager, and a set of messages that are never taken out. The numbers of worlds for 3
and 5 managers are published with TLC and Stateright.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sim.core import Become, Cell, Domain, Get, Machine, Request, Stage, Transaction, Value

WORLDS = {3: 288, 5: 8_832, 7: 296_448, 8: 1_745_408, 9: 10_340_352}
"""How many worlds there are with so many resource managers."""
WORKING, PREPARED, COMMITTED, ABORTED = "working", "prepared", "committed", "aborted"


class TwoPhase:
    """The variables of the specification, a cell each; a message is a cell that is true once it was sent."""

    def __init__(self, managers: int) -> None:
        memory = Domain("memory")
        self.managers = range(managers)
        self.rm_state = [memory.cell(f"rmState {r}") for r in self.managers]
        self.tm_state = memory.cell("tmState")
        self.tm_prepared = [memory.cell(f"tmPrepared {r}") for r in self.managers]
        self.sent_prepared = [memory.cell(f"msgs Prepared {r}") for r in self.managers]
        self.sent_commit, self.sent_abort = memory.cell("msgs Commit"), memory.cell("msgs Abort")

    def __repr__(self) -> str:
        return "TwoPhase"

    def machine(self) -> Machine:
        """TPInit."""
        machine = Machine()
        for r in self.managers:
            machine.put(self.rm_state[r], WORKING)
            machine.start(Domain(f"rm {r}"), "act", act, ManagerActs(self, r))
        machine.put(self.tm_state, "init")
        machine.start(Domain("tm"), "act", act, TransactionManagerActs(self))
        return machine


class ManagerActs(Request, frozen=True):
    """RMPrepare, RMChooseToAbort, RMRcvCommitMsg, RMRcvAbortMsg."""

    toy: TwoPhase
    r: int

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        toy = self.toy
        return (toy.rm_state[self.r], toy.sent_prepared[self.r], toy.sent_commit, toy.sent_abort)

    def ready(self, get: Get) -> bool:
        return bool(self.choices(get))

    def choices(self, get: Get) -> Sequence[Value]:
        working = get(self.toy.rm_state[self.r]) == WORKING
        received = [w for w, m in ((COMMITTED, self.toy.sent_commit), (ABORTED, self.toy.sent_abort)) if get(m)]
        return [*([PREPARED, "choose to abort"] if working else []), *received]

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.put(self.toy.rm_state[self.r], ABORTED if choice == "choose to abort" else choice)
        if choice == PREPARED:
            tx.put(self.toy.sent_prepared[self.r], True)


class TransactionManagerActs(Request, frozen=True):
    """TMRcvPrepared, TMCommit, TMAbort."""

    toy: TwoPhase

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        toy = self.toy
        return (toy.tm_state, *toy.tm_prepared, *toy.sent_prepared, toy.sent_commit, toy.sent_abort)

    def ready(self, get: Get) -> bool:
        return bool(get(self.toy.tm_state) == "init")

    def choices(self, get: Get) -> Sequence[Value]:
        toy = self.toy
        all_prepared = all(get(cell) for cell in toy.tm_prepared)
        return [
            *(r for r in toy.managers if get(toy.sent_prepared[r])),
            *([COMMITTED] if all_prepared else []),
            ABORTED,
        ]

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        toy = self.toy
        if isinstance(choice, int):
            tx.put(toy.tm_prepared[choice], True)
        else:
            tx.put(toy.tm_state, choice)
            tx.put(toy.sent_commit if choice == COMMITTED else toy.sent_abort, True)


def act(acts: ManagerActs | TransactionManagerActs) -> Stage:
    """One action after the other; the tail call keeps what went before out of the world."""
    yield acts
    return Become(act, (acts,))
