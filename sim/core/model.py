"""What an engine needs of a model: a scenario under one algorithm, ready to run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from sim.core.cell import Cell, Domain, Value
from sim.core.machine import Machine
from sim.core.property import Property
from sim.core.request import Get, Request, StageFunction
from sim.core.timing import Timing
from sim.core.trace import Step

if TYPE_CHECKING:
    from sim.core.hunting import Hunter

Changes = Sequence[tuple[float, Cell, Value]]
"""(ms, cell, value from then on) of the observed cells, in the order of time."""


Begin = Mapping[Cell, Value]
"""The values of all cells when the run began."""


class Judgement(msgspec.Struct, frozen=True):
    """What a run came to; the fields are those of :class:`sim.study.rows.Row`."""

    outcome: str
    lost: int
    lost_meanwhile: int
    first_loss_ms: float | None
    loss_ms: float
    dns_failed_ms: float
    connect_failed_ms: float
    latent: int
    end_state: str
    violated: str


class Span(msgspec.Struct, frozen=True):
    """A stretch of a lane, in seconds: ``state`` is good, bad, unknown or down."""

    begin_s: float
    end_s: float
    state: str
    label: str


class Scope(msgspec.Struct, frozen=True):
    """What a model is of, in words: ``about`` in one sentence, who exports what, and what its script does.

    ``left_out`` is what there is of the model elsewhere, and not in this scenario; ``not_modelled`` there is nowhere.
    ``smaller`` are options that leave more out, and make searches smaller.
    """

    about: str
    exported: list[str]
    script: list[str]
    left_out: list[str]
    not_modelled: list[str]
    smaller: list[str] = []


class LaneData(msgspec.Struct, frozen=True):
    """What was true, or what one component believed; ``about`` names the true lane that a belief is judged against."""

    name: str
    believer: bool
    spans: tuple[Span, ...]
    about: str = ""


class NoImage(Exception):
    """A renaming does not know what stands for something, named in the message."""


class Renaming(Protocol):
    """One-to-one onto itself: what stands for each domain, process, cell and value of a model.

    All methods raise :class:`NoImage` for what it does not know. Whoever uses one checks that steps respect it.
    """

    def domain(self, domain: Domain) -> Domain: ...
    def process(self, domain: Domain, name: str) -> str: ...
    def cell(self, cell: Cell) -> Cell: ...
    def value(self, value: Any) -> Any: ...
    def response(self, value: Any) -> Any: ...


class Model(Protocol):
    """A scenario under one algorithm.

    ``prepare`` is the stage that brings the world to where the script begins; :meth:`begin` starts the script; both run
    in the domain ``users``. ``prepare_timing`` leaves out the delays that were set for the run, so that they do not
    change the world in which it begins. ``operation`` says what a process of ``users`` does of the
    script in a search, in words; empty if nothing. ``late`` is not 0 of a process whose work hardly anybody
    reads, and greater the fewer do; a hint for drivers and no more. ``observed`` are the cells whose changes the
    judgement needs. ``judged_where`` says of properties that are not judged here what they need.
    """

    scenario: str
    algorithm: str
    timing: Timing
    prepare_timing: Timing
    observed: tuple[Cell, ...]
    observe_ms: float
    users: Domain
    prepare: StageFunction
    exports: int

    def begin(self, machine: Machine) -> None: ...
    def begin_search(self, machine: Machine, *, may_stop: bool) -> None: ...
    def late(self, domain: Domain, process: str) -> int: ...
    def checked(self) -> tuple[Property, ...]: ...
    def askable(self) -> tuple[Property, ...]: ...
    def judged_where(self) -> dict[str, str]: ...
    def operation(self, process: str) -> str: ...
    def outcome(self, get: Get) -> tuple[str, ...]: ...
    def scope(self) -> Scope: ...
    def story(
        self, steps: Sequence[Step], get: Get, changes: Changes, prop: Property | None = None
    ) -> list[tuple[float, str]]: ...
    def properties(self) -> dict[str, str]: ...
    def judge(self, begin: Begin, get: Get, changes: Changes, end_ms: float, *, at_rest: bool) -> Judgement: ...
    def tell(self, steps: Sequence[Step], get: Get, changes: Changes) -> list[str]: ...
    def lanes(self, get: Get, changes: Changes, end_ms: float) -> tuple[list[LaneData], list[tuple[float, str]]]: ...
    def state(self, get: Get) -> list[str]: ...
    def end_state(self, get: Get) -> str: ...
    def each_end_state(self, get: Get) -> tuple[str, ...]: ...
    def notation(self) -> list[str]: ...
    def timeline(self) -> list[str]: ...
    def unspent(self, get: Get) -> list[str]: ...
    def renamings(self) -> Sequence[Renaming]: ...


class Milestone(msgspec.Struct, frozen=True):
    """A step that was measured: ``at_ms`` after the beginning of its operation, and how to find it among steps.

    ``find`` returns the simulated time in ms, or None if the run has no such step.
    """

    name: str
    at_ms: float
    find: Callable[[Sequence[Step]], float | None]
    unit: str = "ms"


class Measured(msgspec.Struct, frozen=True):
    """An operation that was measured, and the model that runs it.

    ``branch``, where given, tells the runs that took the way that the measured run took; only those are compared.
    """

    operation: str
    way: str
    settings: dict[str, str]
    algorithm: str
    milestones: tuple[Milestone, ...]
    source: str
    branch: Callable[[Sequence[Step]], bool] | None = None
    branch_name: str = ""


class SearchPlan(msgspec.Struct, frozen=True):
    """The settings of a search, the names of the properties that decide its verdict, and whether the environment may
    stop before any operation of the script. ``leaves_out`` are those of the settings by which a search leaves out
    parts of the model that runs have.
    """

    settings: dict[str, str]
    judged: tuple[str, ...]
    may_stop: bool
    leaves_out: dict[str, str] = {}


class Alone(msgspec.Struct, frozen=True):
    """A service that a search may look at alone: ``--set only=<service>``; it ``stands_for`` itself and all others that
    are like it but for names.
    """

    service: str
    stands_for: tuple[str, ...]


class Prepared(Protocol):
    """What can be brought to the world in which it begins: `prepare` runs in `users` until nothing is left to do."""

    scenario: str
    prepare_timing: Timing
    users: Domain
    prepare: StageFunction


class LogLine(Protocol):
    """A line of a log: a call of the processes of ``domain``, or (None) what somebody else did, which ``process`` of
    the log's ``users`` does.

    ``fits`` says whether a request is that call, ``agrees`` what names are paired after it and why its answer is not
    what the line says (empty if it is). ``refused`` says that a server was reached and would not answer, so that a call
    that fails may have left this line, though most that fail leave none.
    """

    number: int
    refused: bool
    begin_ms: float
    end_ms: float
    domain: Domain | None
    process: str

    def words(self) -> str: ...
    def fits(self, request: Request, names: Any) -> bool: ...
    def agrees(self, request: Request, response: Any, before: Get, after: Get, names: Any) -> tuple[Any, str]: ...


class Log(Protocol):
    """A log of calls, and the model that is to explain it. ``silent`` calls leave no line; what
    is done ``at_once`` is no call, or one of which nothing depends.
    """

    scenario: str
    algorithm: str
    title: str
    prepare_timing: Timing
    users: Domain
    prepare: StageFunction

    @property
    def names(self) -> Any: ...
    @property
    def lines(self) -> Sequence[LogLine]: ...
    def begin(self, machine: Machine) -> None: ...
    def silent(self, request: Request, response: Any) -> bool: ...
    def at_once(self, request: Request) -> bool: ...


class Reach(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a search goes: so many walks first, which choose by a strategy, then so many worlds."""

    worlds: int
    walks: int
    strategy: str = "uniform"


class Defect(msgspec.Struct, frozen=True):
    """A known defect of some algorithms: a scenario whose search plan says what must not happen.

    ``known`` says where it was seen; ``quick`` is how far to search in a hurry. ``not_for`` names algorithms that are
    not asked, each with the reason.
    """

    id: str
    title: str
    known: str
    scenario: str
    reach: Reach
    quick: Reach
    not_for: dict[str, str]


class Catalogue(Protocol):
    """All scenarios and algorithms of a package of models."""

    def scenarios(self) -> list[str]: ...
    def describe(self, scenario: str) -> tuple[str, dict[str, str]]: ...
    def everywhere(self) -> dict[str, str]: ...
    def combined(self) -> dict[str, str]: ...
    def algorithms(self) -> list[str]: ...
    def measured(self) -> list[Measured]: ...
    def expected(self, scenario: str, settings: dict[str, str]) -> dict[str, str]: ...
    def settings(self, scenario: str, settings: dict[str, str]) -> dict[str, Any]: ...
    def digest(self, scenario: str) -> str: ...
    def defects(self) -> list[Defect]: ...
    def guards(self, algorithm: str) -> dict[str, str]: ...
    def hunter(self) -> Hunter: ...
    def search(self, scenario: str, settings: dict[str, str], algorithm: str) -> Model: ...
    def logs(self, path: str, algorithm: str) -> Iterator[Log]: ...
    def alone(
        self, scenario: str, settings: dict[str, str], *, symmetry: bool, algorithm: str = ""
    ) -> tuple[list[Alone], str]: ...
    def search_plan(self, scenario: str, settings: dict[str, str]) -> SearchPlan: ...
    def model(self, scenario: str, settings: dict[str, str], algorithm: str) -> Model: ...
