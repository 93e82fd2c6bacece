"""A meter on the links of one agent: what a script does to its API calls, counted and kept in the world.

Links have none unless a script needs it (:attr:`sim.core.Link.meter`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec
from msgspec.structs import replace

from models.kube.calls import CONFLICT, HANGS, UNREACHABLE, ApiCall, Failure, is_write
from models.node.container import Container
from sim.core import Cell, Domain, Get, Link, Transaction

ANY = "*"
KILLED_BEFORE = Failure("the agent was killed just before")
KILLED_AFTER = Failure("done, and the agent was killed just after")


class KillAt(msgspec.Struct, frozen=True):
    """The agent is killed ``when`` it has come to the last of ``left`` writes, the ``number``-th of the operation."""

    left: int
    when: Literal["before", "after"]
    number: int


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to calls of a verb on a kind over a link: ``skip`` go through, then it happens to ``left``; ``*``
    stands for any. ``since_ms`` tells one that lasts for a time from others.
    """

    verb: str
    kind: str
    over: str = ANY
    skip: int = 0
    left: int = 1
    since_ms: float = -1.0

    def fits(self, call: ApiCall) -> bool:
        """Whether the call is one of those."""
        there = self.over in (ANY, call.link.name)
        return there and self.verb in (ANY, call.verb) and self.kind in (ANY, kind_of(call))

    def less(self) -> tuple[Rule, ...]:
        """What is left of it after one more such call; empty for nothing."""
        if self.skip:
            return (replace(self, skip=self.skip - 1),)
        return (replace(self, left=self.left - 1),) if self.left > 1 else ()


class Hangs(Rule, frozen=True, kw_only=True):
    """Calls that hang."""


class Fails(Rule, frozen=True, kw_only=True):
    """Calls that fail: with Conflict if it ``conflicts``, else nothing is reached."""

    conflicts: bool = False


class Held(msgspec.Struct, frozen=True):
    """A call that hangs, in words, and the rule by which it does."""

    since_ms: float
    call: str


def kind_of(call: ApiCall) -> str:
    """The kind of objects that a call is about; empty for discovery and the like."""
    for holder in ("object", "informer"):
        found = getattr(call, holder, None)
        if found is not None:
            return str(found.kind)
    return str(getattr(call, "kind", ""))


def described(call: ApiCall) -> str:
    """A call in words."""
    return f"{call.link.name} {call.verb} {call.target()}"


class Meter:
    """Counts and fails the calls of one agent. It outlives the agent: its cells are not in the agent's memory.

    ``broker`` is the link that ``cut`` is about: while that is true no call over it comes through. ``hanging`` is the
    cell of the call that hangs, where one may: the caller's, as a call ends with the process that makes it.
    """

    def __init__(self, container: Container, broker: Link) -> None:
        domain = Domain(f"{container.name} meter", volatile=False)
        self.container = container
        self.broker = broker
        self.domain = domain
        self.kill = domain.cell("kill at write")
        self.errors = domain.cell("errors")
        self.cut = domain.cell("broker cut off")
        self.hangs = domain.cell("hangs")
        self.hanging: Cell | None = None

    def __repr__(self) -> str:
        return self.domain.name

    def cells(self, get: Get, call: ApiCall) -> Iterable[Cell]:
        """The cells that the meter touches beside those of the call."""
        fatal = any(kill.left <= 1 for kill in get(self.kill) or ()) and is_write(call)
        held = () if self.hanging is None else (self.hangs, self.hanging)
        return (self.cut, self.errors, self.kill, *held, *(self.container.cells() if fatal else ()))

    def holds(self, get: Get, call: ApiCall) -> bool:
        """Whether the call, or one just like it, hangs."""
        held = None if self.hanging is None else get(self.hanging)
        return held is not None and described(call) in (each.call for each in held)

    def carry_out(self, call: ApiCall, tx: Transaction) -> object:
        """The call, unless it fails; and the end of the agent, if that was the write at which it comes."""
        if self.hanging is not None and self._begins_to_hang(call, tx):
            return HANGS
        if call.link is self.broker and tx.get(self.cut):
            return UNREACHABLE
        failed = self._fails(call, tx)
        if failed is not None:
            return failed
        kills = tx.get(self.kill) if is_write(call) else None
        if kills is None:
            return call.answer(tx)
        tx.put(self.kill, tuple(replace(kill, left=kill.left - 1) for kill in kills if kill.left > 1) or None)
        fatal = [kill.when for kill in kills if kill.left <= 1]
        if not fatal:
            return call.answer(tx)
        if "before" not in fatal:
            call.answer(tx)
        self.container.exit(tx)
        return KILLED_BEFORE if "before" in fatal else KILLED_AFTER

    def _begins_to_hang(self, call: ApiCall, tx: Transaction) -> bool:
        assert self.hanging is not None
        rule = self._applied(self.hangs, call, tx)
        if rule is not None:
            tx.put(self.hanging, (*(tx.get(self.hanging) or ()), Held(rule.since_ms, described(call))))
        return rule is not None

    def _fails(self, call: ApiCall, tx: Transaction) -> Failure | None:
        rule = self._applied(self.errors, call, tx)
        if not isinstance(rule, Fails):
            return None
        return CONFLICT if rule.conflicts else UNREACHABLE

    @staticmethod
    def _applied(cell: Cell, call: ApiCall, tx: Transaction) -> Rule | None:
        """The first of some rules that is about the call, unless that lets it through; it has one call less then."""
        rules: tuple[Rule, ...] = tx.get(cell) or ()
        for index, rule in enumerate(rules):
            if rule.fits(call):
                tx.put(cell, (*rules[:index], *rule.less(), *rules[index + 1 :]) or None)
                return None if rule.skip else rule
        return None
