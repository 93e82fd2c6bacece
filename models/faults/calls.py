"""Faults of the API calls of one agent: it is killed at a write, or calls fail (docs/FACTS.md R9, M6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from msgspec.structs import replace

from models.faults.fault import ClusterOperation, Steps, positive
from models.kube.meter import ANY, Fails, Hangs, KillAt, Rule
from models.kube.objects import ENDPOINT_SLICES, SERVICE_EXPORTS, SERVICE_IMPORTS, SERVICES
from sim.core import BadInput, Cell, Get, Request, SleepUntil, Transaction, Value, unknown

if TYPE_CHECKING:
    from models.topology import Topology

VERBS = ("get", "list", "create", "update", "updateStatus", "delete", "deletecollection")
KINDS = (SERVICES, ENDPOINT_SLICES, SERVICE_EXPORTS, SERVICE_IMPORTS)
COUNT_MAX = 100_000


def counted(value: int, field: str, what: str) -> None:
    """Check a count.

    Raises:
        BadInput: it is not positive, or huge.
    """
    if not 1 <= value <= COUNT_MAX:
        raise BadInput(f"{what}: {field} is {value}", accepted=f"a whole number from 1 to {COUNT_MAX}")


class AddRule(Request, frozen=True):
    """From now on let calls of an agent fail or hang, or kill it at a write, beside what is to happen to it already;
    ``said`` is that in words.
    """

    rules: Cell
    rule: Rule | KillAt
    said: str = ""

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.rules,)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.put(self.rules, (*(tx.get(self.rules) or ()), self.rule))

    def words(self, choice: Value, response: Any) -> str:
        return self.said


class EndRule(Request, frozen=True):
    """What lasts since ``since_ms`` is over, in each of these cells; what else is in them stays. ``said`` is that in
    words.
    """

    where: tuple[Cell, ...]
    since_ms: float
    said: str = ""

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return self.where

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        for cell in self.where:
            tx.put(cell, tuple(each for each in tx.get(cell) or () if each.since_ms != self.since_ms) or None)

    def words(self, choice: Value, response: Any) -> str:
        return self.said


class KillAtWrite(ClusterOperation, frozen=True, kw_only=True, tag="kill-at-write", tag_field="fault"):
    """The agent is killed ``when`` it comes to its ``write``-th API write from then on; the kubelet restarts it."""

    write: int
    when: Literal["before", "after"] = "before"
    name: ClassVar[str] = "kill-at-write"
    is_fault: ClassVar[bool] = True
    restarts_agents: ClassVar[bool] = True
    counts_calls: ClassVar[bool] = True

    def check(self, topology: Topology) -> None:
        super().check(topology)
        counted(self.write, "write", self.name)

    def install(self, topology: Topology) -> None:
        topology.cluster(self.cluster).agent.metered()

    def steps(self, topology: Topology) -> Steps:
        meter = topology.cluster(self.cluster).agent.metered()
        yield AddRule(meter.kill, KillAt(self.write, self.when, self.write))

    def unspent(self, topology: Topology, get: Get) -> str:
        left = get(topology.cluster(self.cluster).agent.metered().kill) or ()
        waits = any(kill.number == self.write and kill.when == self.when for kill in left)
        return f"{self.words()}: it made fewer" if waits else ""

    def words(self) -> str:
        return f"agent {self.cluster} killed {self.when} its {ordinal(self.write)} write"


class CallsOperation(ClusterOperation, frozen=True, kw_only=True):
    """Something happens to calls of the agent that fit, ``*`` being any verb or kind; ``skip`` go through before.

    ``api``: those of its own cluster's API server, or of the broker's.
    """

    verb: str = ANY
    kind: str = ANY
    skip: int = 0
    api: Literal["any", "local", "broker"] = "any"
    is_fault: ClassVar[bool] = True
    counts_calls: ClassVar[bool] = True

    def check(self, topology: Topology) -> None:
        super().check(topology)
        if not 0 <= self.skip < COUNT_MAX:
            raise BadInput(f"{self.name}: skip is {self.skip}", f"a whole number from 0 to {COUNT_MAX - 1}")
        if self.verb not in (ANY, *VERBS):
            raise unknown(f"verb (in {self.name})", self.verb, [*VERBS, ANY])
        if self.kind not in (ANY, *KINDS):
            raise unknown(f"kind (in {self.name})", self.kind, [*KINDS, ANY])

    def install(self, topology: Topology) -> None:
        topology.cluster(self.cluster).agent.metered()

    def over(self, topology: Topology) -> str:
        """The link that they go over."""
        agent = topology.cluster(self.cluster).agent
        return {"any": ANY, "local": agent.local.link.name, "broker": agent.broker.link.name}[self.api]

    def fitting(self) -> str:
        """Verb and kind, as far as they are given, each after a space."""
        return "".join("" if word == ANY else f" {word}" for word in (self.verb, self.kind))

    def more(self) -> str:
        """What else sets them apart."""
        over = {"any": "", "local": ", of those to its own API server", "broker": ", of those to the broker"}[self.api]
        return over + (f", after {self.skip} that go through" if self.skip else "")


class ApiError(CallsOperation, frozen=True, kw_only=True, tag="api-error", tag_field="fault"):
    """So many calls that fit (``times``) have no effect and fail; ``answer``: how."""

    times: int = 1
    answer: Literal["unreachable", "conflict"] = "unreachable"
    name: ClassVar[str] = "api-error"
    restarts_agents: ClassVar[bool] = True  # a failing list may end the agent (FACTS M6)

    def check(self, topology: Topology) -> None:
        super().check(topology)
        counted(self.times, "times", self.name)

    def steps(self, topology: Topology) -> Steps:
        yield AddRule(topology.cluster(self.cluster).agent.metered().errors, self.rule(topology, self.times))

    def rule(self, topology: Topology, times: int) -> Fails:
        """The rule by which so many calls fail."""
        return Fails(
            verb=self.verb, kind=self.kind, over=self.over(topology), skip=self.skip, left=times,
            conflicts=self.answer == "conflict",
        )  # fmt: skip

    def unspent(self, topology: Topology, get: Get) -> str:
        left = get(topology.cluster(self.cluster).agent.metered().errors) or ()
        mine = self.rule(topology, self.times)
        waits = any(replace(rule, left=mine.left, skip=mine.skip) == mine for rule in left)
        return f"{self.words()}: there were fewer" if waits else ""

    def words(self) -> str:
        calls = f"{self.fitting()} call" if self.times == 1 else f" {self.times}{self.fitting()} calls"
        return f"the next{calls} of agent {self.cluster} fail{'s' if self.times == 1 else ''}{self.more()}"

    def more(self) -> str:
        return (" with Conflict" if self.answer == "conflict" else "") + super().more()


class FailingCalls(ApiError, frozen=True, kw_only=True, tag="failing-calls", tag_field="fault"):
    """All calls of the agent that fit fail for a while."""

    for_ms: float = 10_000.0
    name: ClassVar[str] = "failing-calls"
    lasts: ClassVar[bool] = True

    def check(self, topology: Topology) -> None:
        super().check(topology)
        positive(self.for_ms, "for_ms", self.name)

    def steps(self, topology: Topology) -> Steps:
        errors = topology.cluster(self.cluster).agent.metered().errors
        yield AddRule(errors, replace(self.rule(topology, COUNT_MAX), since_ms=self.at_ms))
        yield SleepUntil(self.at_ms + self.for_ms)
        yield EndRule((errors,), self.at_ms)

    def unspent(self, topology: Topology, get: Get) -> str:
        return ""

    def words(self) -> str:
        return f"{self.fitting()} calls of agent {self.cluster} fail{self.more()}".strip()


class HangingCall(CallsOperation, frozen=True, kw_only=True, tag="hanging-call", tag_field="fault"):
    """The next call of the agent that fits hangs, and is served ``for_ms`` after the fault began. A stop of S7 then
    gives up after 5 s (FACTS C10, R18).
    """

    for_ms: float = 10_000.0
    name: ClassVar[str] = "hanging-call"
    lasts: ClassVar[bool] = True

    def check(self, topology: Topology) -> None:
        super().check(topology)
        positive(self.for_ms, "for_ms", self.name)

    def install(self, topology: Topology) -> None:
        agent = topology.cluster(self.cluster).agent
        agent.metered().hanging = agent.hanging
        agent.let_calls_hang()

    def steps(self, topology: Topology) -> Steps:
        agent = topology.cluster(self.cluster).agent
        hangs = agent.metered().hangs
        rule = Hangs(
            verb=self.verb, kind=self.kind, over=self.over(topology), skip=self.skip, since_ms=self.at_ms
        )  # fmt: skip
        yield AddRule(hangs, rule, f"the next{self.fitting()} call is to hang")
        yield SleepUntil(self.at_ms + self.for_ms)
        yield EndRule((hangs, agent.hanging), self.at_ms, "the call that hung is served")

    def words(self) -> str:
        return f"the next{self.fitting()} call of agent {self.cluster} hangs{self.more()}"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number}{ending}"
