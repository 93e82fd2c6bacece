"""A scenario under one release, ready to run by any driver."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from models.faults import STOP, Operation, Over, SpendFault, Turn
from models.faults.overlap import fails, in_turn, joined
from models.judgement import Judge
from models.properties import ASKED_FAMILIES, NEEDS
from models.properties.desired_state_kept import desired_state_kept
from models.properties.no_such_outcome import no_such_outcome
from models.releases.fleet import Fleet
from models.releases.release import Release
from models.scenarios.copies import leaving_out_copies, missing_copies
from models.scenarios.scenario import ScenarioFile, ways
from models.scenarios.scripts import earlier, placed
from models.scenarios.timing import timing
from models.topology import SETTLED_MS, Topology
from sim.core import BadInput, Become, Cell, Domain, Get, Machine, SleepUntil, Stage, Step, refuse
from sim.core.model import Begin, Changes, Judgement, LaneData, Renaming, Scope
from sim.core.property import Property

PREPARED = 4
"""After so many times the time to settle, the usual preparation is over."""


class ScenarioModel:
    """Implements :class:`sim.core.model.Model`."""

    def __init__(self, scenario: ScenarioFile, release: Release | Fleet) -> None:
        self.file, self.release = scenario, release
        self.scenario = scenario.name
        self.algorithm = release.name
        self.timing = timing(scenario)
        self.prepare_timing = timing(msgspec.structs.replace(scenario, delays={}))
        self.way = scenario.way
        self.observe_ms = scenario.observe_ms
        exports = scenario.exports.exports(scenario.only)
        entries = placed(scenario)
        self.operations: list[Operation] = [operation for _, operation in entries]
        before = earlier(scenario)
        self.earlier = tuple(operation for _, operation in before)
        every = (*self.earlier, *self.operations)
        self.topology = Topology(
            scenario.hosts, scenario.broker, release, ways(scenario), exports,
            monitored=scenario.monitor == "on", data_plane=scenario.data_plane == "on",
            exported_at_start=scenario.exported_at_start == "yes", private_certificate=scenario.broker_certificate ==
            "private",
            before=scenario.before, left_out=scenario.exports.exports() if scenario.only else (),
            specs=scenario.exports.specs, later=scenario.exports.later,
            services_change=any(o.changes_services for o in every),
            namespaces_change=any(o.changes_namespaces for o in every),
            more=scenario.more(),
        )  # fmt: skip
        self.topology.monitor_period_ms = scenario.monitor_period_ms
        self.exports = len(exports)
        self._having = {export.cluster for export in exports}
        self.users = self.topology.users
        self.prepare = self._prepare_more if before else self.topology.prepare
        given = (*before, *entries)
        refuse([error for place, operation in given for error in _installed(operation, self.topology, place)])
        refuse(missing_copies(self.topology, scenario, every))
        self.budget = self.users.cell("faults left")
        first = next((operation.at_ms for operation in self.operations if operation.is_fault), 0.0)
        restarts = any(operation.restarts_agents for operation in self.operations)
        self._plan = scenario.search
        self._judge = Judge(self.topology, first, restarts=restarts)
        self.observed: tuple[Cell, ...] = self._judge.observed()

    def _prepare_more(self) -> Stage:
        """The usual preparation, then what happened earlier, each operation once the one before it has settled."""
        yield from self.topology.prepare()
        for number, operation in enumerate(self.earlier, start=PREPARED):
            yield SleepUntil(number * SETTLED_MS)
            yield from operation.steps(self.topology)
        return None

    def begin(self, machine: Machine) -> None:
        """Set the fault budget and start a process for each fault of the script, as one may last into the next, and one
        for the user of each cluster.
        """
        script = joined(self.operations)
        faults = sum(operation.is_fault for operation in script)
        machine.put(self.budget, faults or None)
        for number, turns in in_turn(script).items():
            machine.start(self.users, f"operation {number:03} {turns[0].name}", self.operate, *turns)

    def begin_search(self, machine: Machine, *, may_stop: bool) -> None:
        """Start the operations for a driver without a clock: one after the other, in the order of their times.

        Those of one time race. The next one does not wait for the end of a fault that lasts, nor for calls where these
        may hang. With ``may_stop`` the environment may stop before any of them.
        """
        over = self.users.cell("operations over")
        hangs = any(operation.freezes() for operation in self.operations)
        for number, operation in enumerate(self.operations, start=1):
            after = sum(other.at_ms < operation.at_ms for other in self.operations)
            turn = Turn(over, after, may_stop, hangs or operation.lasts)
            machine.start(self.users, self._named(number), self.take_turn, operation, turn)

    def operation(self, process: str) -> str:
        """What a process that :meth:`begin_search` starts does, in words; empty of any other."""
        named = {self._named(number): operation for number, operation in enumerate(self.operations, start=1)}
        return named[process].words() if process in named else ""

    def _named(self, number: int) -> str:
        """The name of the process of an operation."""
        return f"operation {number:03} {self.operations[number - 1].name}"

    def take_turn(self, operation: Operation, turn: Turn) -> Stage:
        """One operation, when it is its turn."""
        if (yield turn) == STOP:
            return None
        yield from operation.steps(self.topology)
        if not turn.passes:
            yield Over(turn.over)
        return None

    def operate(self, operation: Operation, *later: Operation) -> Stage:
        """One operation, at its time, and those that wait for it to be over."""
        yield SleepUntil(operation.at_ms)
        if operation.is_fault:
            yield SpendFault(self.budget, operation.name)
        yield from operation.steps(self.topology)
        return Become(self.operate, later) if later else None

    def judge(self, begin: Begin, get: Get, changes: Changes, end_ms: float, *, at_rest: bool) -> Judgement:
        """What the run came to."""
        return self._judge.judge(begin, get, changes, end_ms, at_rest=at_rest)

    def late(self, domain: Domain, process: str) -> int:
        """The place, from 1, among the syncers that only copy from the broker, of that which the process belongs to, or
        to which alone it tells something.
        """
        agents = [cluster.agent for cluster in self.topology.clusters if cluster.agent.domain is domain]
        syncers = [syncer for agent in agents for syncer in agent.copying()]
        for place, syncer in enumerate(syncers, start=1):
            if process.startswith(f"{syncer.name}/") or process == syncer.told_by:
                return place
        return 0

    def askable(self) -> tuple[Property, ...]:
        """The properties that are judged only where somebody asks for them."""
        return tuple(family(self.topology) for family in ASKED_FAMILIES)

    def checked(self) -> tuple[Property, ...]:
        """All properties that are not left to be asked for, for a driver that judges worlds."""
        asked = [prop for prop in self.askable() if prop.name in self._plan.judged]
        if self._plan.forbids:
            asked.append(no_such_outcome(self.topology, self._plan.forbids))
        always = (*self._judge.properties.values(), desired_state_kept(self.topology))
        return (*always, *asked)

    def judged_where(self) -> dict[str, str]:
        """What the properties need that are not judged here: the data plane, copies, or IPs that several may have."""
        there = {prop.name for prop in (*self.checked(), *self.askable())}
        return {name: needs for name, needs in NEEDS.items() if name not in there}

    def scope(self) -> Scope:
        """What the model is of, what its script does, and what it leaves out, in words."""
        from models.telling.scope import scope

        before = [operation.words() for operation in self.earlier]
        script = [operation.words() for operation in self.operations]
        options = leaving_out_copies(self.topology, self.file, (*self.earlier, *self.operations))
        return scope(self.scenario, self.algorithm, self.topology, before, script, options)

    def renamings(self) -> Sequence[Renaming]:
        """Renamings of clusters that leave the scenario as it is."""
        from models.scenarios.renaming import renamings

        return renamings(self, self.file, self.release)

    def outcome(self, get: Get) -> tuple[str, ...]:
        """What a world at rest has come to, in words: aggregates, copies and conditions, a line for each export."""
        from models.telling.outcome import outcome

        return outcome(self.topology, get)

    def properties(self) -> dict[str, str]:
        """The sentence and the time of each property, by its name."""
        return {name: f"{prop.sentence} ({prop.when})" for name, prop in self._judge.properties.items()}

    def story(
        self, steps: Sequence[Step], get: Get, changes: Changes, prop: Property | None = None
    ) -> list[tuple[float, str]]:
        """The loss, or what else ``prop`` is violated by, in at most 8 lines, each with its time."""
        from models.telling.story import story

        return story(self.topology, steps, get, changes, prop)

    def tell(self, steps: Sequence[Step], get: Get, changes: Changes) -> list[str]:
        """The loss in at most 8 lines."""
        from models.telling.story import tell

        return tell(self.topology, steps, get, changes)

    def end_state(self, get: Get) -> str:
        """What there is in the end, in the notation of the outcomes of real runs in this way of running."""
        from models.telling.end_state import end_state

        return end_state(self.topology, get, self.way)

    def each_end_state(self, get: Get) -> tuple[str, ...]:
        """The end state of each service, in the same notation."""
        from models.telling.end_state import each_end_state

        return each_end_state(self.topology, get, self.way)

    def notation(self) -> list[str]:
        """What the words of an end state mean."""
        from models.telling.end_state import notation

        return notation(self.way)

    def timeline(self) -> list[str]:
        """The script in words, with times."""
        out, script = [], joined(self.operations)
        exporting = {export.cluster for export in self.topology.exported_at_start}
        for operation in script:
            cluster = getattr(operation, "cluster", "")
            for_ms = operation.span_ms()
            how = f", for {for_ms / 1000:g} s" if for_ms is not None else ""
            if fails(operation, script, self.file.broker):
                how = f" (in vain: the API server of {self.file.broker} is down)"
            elif hasattr(operation, "service") and cluster not in self._having:
                how = f" (nothing to do: {cluster} has no service)"
            elif operation.name == "unexport" and cluster not in exporting:
                how = f" (nothing to do: {cluster} does not export then)"
            exporting |= {cluster} if operation.name == "export" else set()
            out.append(f"{operation.at_ms / 1000:g} s: {operation.words()}{how}")
        return out

    def unspent(self, get: Get) -> list[str]:
        """What the script waited for in vain: writes at which an agent was to be killed, calls that were to fail."""
        every = (*self.earlier, *self.operations)
        return [words for operation in every if (words := operation.unspent(self.topology, get))]

    def lanes(self, get: Get, changes: Changes, end_ms: float) -> tuple[list[LaneData], list[tuple[float, str]]]:
        """Truth and beliefs over time, and the marks of the script."""
        from models.telling.lanes import lanes

        marks = [(operation.at_ms / 1000, operation.words()) for operation in self.operations]
        return lanes(self.topology, changes, end_ms), marks

    def state(self, get: Get) -> list[str]:
        """The state of the world in words."""
        from models.telling.state import describe

        return describe(self.topology, get)


def _installed(operation: Operation, topology: Topology, place: str) -> list[BadInput]:
    """Install an operation; or what is wrong with it, and where it stands."""
    try:
        operation.check(topology)
    except BadInput as error:
        return [BadInput(f"{place}: {error.problem}", error.accepted)]
    operation.install(topology)
    return []
