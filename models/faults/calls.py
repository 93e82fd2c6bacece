"""Faults of the API calls of one agent: it is killed at a write, or calls fail (docs/FACTS.md R9, M6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from msgspec.structs import replace

from models.faults.fault import ClusterOperation, Steps, positive
from models.kube.meter import ANY, Fails, Hangs, KillAt
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
    """From now on let calls of an agent fail or hang, or kill it at a write, beside what is to happen to it already."""

    rules: Cell
    rule: Fails | KillAt | Hangs

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.rules,)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.put(self.rules, (*(tx.get(self.rules) or ()), self.rule))

    def words(self, choice: Value, response: Any) -> str:
        if not isinstance(self.rule, Hangs):
            return ""
        verb, kind = (("" if word == ANY else f" {word}") for word in (self.rule.verb, self.rule.kind))
        return f"the next{verb}{kind} call is to hang"


class EndRule(Request, frozen=True):
    """The calls of one rule fail no longer; others do as before."""

    errors: Cell
    since_ms: float

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.errors,)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        left = tuple(rule for rule in tx.get(self.errors) or () if rule.since_ms != self.since_ms)
        tx.put(self.errors, left or None)


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


class ApiError(ClusterOperation, frozen=True, kw_only=True, tag="api-error", tag_field="fault"):
    """Calls of the agent that fit, ``*`` being any verb or kind: ``skip`` go through, then ``times`` have no effect and
    fail.

    ``api``: those of its own cluster's API server, or of the broker's; ``answer``: how they fail.
    """

    verb: str = ANY
    kind: str = ANY
    times: int = 1
    skip: int = 0
    api: Literal["any", "local", "broker"] = "any"
    answer: Literal["unreachable", "conflict"] = "unreachable"
    name: ClassVar[str] = "api-error"
    is_fault: ClassVar[bool] = True
    restarts_agents: ClassVar[bool] = True  # a failing list may end the agent (FACTS M6)
    counts_calls: ClassVar[bool] = True

    def check(self, topology: Topology) -> None:
        super().check(topology)
        counted(self.times, "times", self.name)
        if not 0 <= self.skip < COUNT_MAX:
            raise BadInput(f"{self.name}: skip is {self.skip}", f"a whole number from 0 to {COUNT_MAX - 1}")
        if self.verb not in (ANY, *VERBS):
            raise unknown(f"verb (in {self.name})", self.verb, [*VERBS, ANY])
        if self.kind not in (ANY, *KINDS):
            raise unknown(f"kind (in {self.name})", self.kind, [*KINDS, ANY])

    def install(self, topology: Topology) -> None:
        topology.cluster(self.cluster).agent.metered()

    def steps(self, topology: Topology) -> Steps:
        yield AddRule(topology.cluster(self.cluster).agent.metered().errors, self.rule(topology, self.times))

    def rule(self, topology: Topology, times: int) -> Fails:
        """The rule by which so many calls fail."""
        agent = topology.cluster(self.cluster).agent
        over = {"any": ANY, "local": agent.local.link.name, "broker": agent.broker.link.name}[self.api]
        return Fails(self.verb, self.kind, times, self.skip, over, self.answer == "conflict")

    def unspent(self, topology: Topology, get: Get) -> str:
        left = get(topology.cluster(self.cluster).agent.metered().errors) or ()
        mine = self.rule(topology, self.times)
        waits = any(replace(rule, left=mine.left, skip=mine.skip) == mine for rule in left)
        return f"{self.words()}: there were fewer" if waits else ""

    def words(self) -> str:
        verb, kind = (("" if word == ANY else f" {word}") for word in (self.verb, self.kind))
        calls = f"{verb}{kind} call" if self.times == 1 else f" {self.times}{verb}{kind} calls"
        return f"the next{calls} of agent {self.cluster} fail{'s' if self.times == 1 else ''}{self._more()}"

    def _more(self) -> str:
        """Which calls they are, and how they fail, where that is not the usual."""
        over = {"any": "", "local": ", of those to its own API server", "broker": ", of those to the broker"}[self.api]
        after = f", after {self.skip} that go through" if self.skip else ""
        return f"{' with Conflict' if self.answer == 'conflict' else ''}{over}{after}"


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
        yield EndRule(errors, self.at_ms)

    def unspent(self, topology: Topology, get: Get) -> str:
        return ""

    def words(self) -> str:
        verb, kind = (("" if word == ANY else f" {word}") for word in (self.verb, self.kind))
        return f"{verb}{kind} calls of agent {self.cluster} fail{self._more()}".strip()


class EndHang(Request, frozen=True):
    """The call of one rule hangs no longer, or none is to hang by it."""

    rules: Cell
    hanging: Cell
    since_ms: float

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.rules, self.hanging)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.put(self.rules, tuple(rule for rule in tx.get(self.rules) or () if rule.since_ms != self.since_ms) or None)
        left = tuple(held for held in tx.get(self.hanging) or () if held.since_ms != self.since_ms)
        tx.put(self.hanging, left or None)

    def words(self, choice: Value, response: Any) -> str:
        return "the call that hung is served"


class HangingCall(ApiError, frozen=True, kw_only=True, tag="hanging-call", tag_field="fault"):
    """The next call of the agent that fits, after ``skip`` that go through, hangs, and is served ``for_ms`` after the
    fault began. A stop of S7 then gives up after 5 s (FACTS C10, R18).
    """

    for_ms: float = 10_000.0
    name: ClassVar[str] = "hanging-call"
    restarts_agents: ClassVar[bool] = False
    lasts: ClassVar[bool] = True

    def check(self, topology: Topology) -> None:
        super().check(topology)
        positive(self.for_ms, "for_ms", self.name)
        if self.times != 1 or self.answer != "unreachable":
            raise BadInput(f"{self.name}: it is about one call, which is served in the end", "no times, no answer")

    def install(self, topology: Topology) -> None:
        agent = topology.cluster(self.cluster).agent
        agent.metered().hanging = agent.hanging
        agent.let_calls_hang()

    def steps(self, topology: Topology) -> Steps:
        agent = topology.cluster(self.cluster).agent
        over = self.rule(topology, 1).over
        yield AddRule(agent.metered().hangs, Hangs(self.verb, self.kind, self.skip, over, self.at_ms))
        yield SleepUntil(self.at_ms + self.for_ms)
        yield EndHang(agent.metered().hangs, agent.hanging, self.at_ms)

    def unspent(self, topology: Topology, get: Get) -> str:
        return ""

    def words(self) -> str:
        verb, kind = (("" if word == ANY else f" {word}") for word in (self.verb, self.kind))
        return f"the next{verb}{kind} call of agent {self.cluster} hangs{self._more()}"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number}{ending}"
