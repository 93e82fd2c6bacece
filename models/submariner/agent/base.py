"""What every agent is, whatever its algorithm: a container with clients of two API servers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

import msgspec

from models.kube.api_server import ApiServer
from models.kube.client import Client
from models.kube.informer import Informer
from models.kube.meter import Meter
from models.kube.syncer import Syncer
from models.node.container import Container
from sim.core import Cell, Channel, Domain, Link, Request, StageFunction

if TYPE_CHECKING:
    from models.releases.release import Release
    from models.submariner.agent.clusterset_ip import ClustersetIps
    from models.submariner.agent.global_ips import GlobalIps


class Ways(msgspec.Struct, frozen=True):
    """What differs between the ways of running of docs/FACTS.md M1.

    ``limiter`` names the client limits, or is empty. ``whole_binary`` adds main.go: discovery, the broker probe and the
    namespace informer. ``api_server_drops_empty_labels`` makes each sync of a copy send an update that changes nothing.
    """

    limiter: str = "client"
    whole_binary: bool = True
    api_server_drops_empty_labels: bool = True


class Agent:
    """An agent. ``cluster`` is its cluster ID, ``broker_api`` the server that holds the broker namespace; ``instance``
    tells two agents of one cluster apart.

    ``checks_conflicts`` is false where no two exporters can differ, so that looking for conflicts would change nothing;
    ``namespaces_change`` where no namespace comes or goes, so that nobody needs to hear of it.
    """

    main: ClassVar[StageFunction]
    """Its first process, given the agent."""

    def __init__(
        self, cluster: str, local_api: ApiServer, broker_api: ApiServer, node: Domain, release: Release, ways: Ways,
        *, checks_conflicts: bool = False, namespaces_change: bool = False, instance: str = "",
    ) -> None:  # fmt: skip
        self.cluster = cluster
        self.release = release
        self.ways = ways
        self.needs_certificate = False
        self.ips: ClustersetIps | None = None  # where a scenario has clusterset IPs
        self.global_ips: GlobalIps | None = None  # where a scenario has globalnet
        self.migrates = False  # whether there is anything of before 0.15; a script's
        self.domain = Domain(f"{cluster}/lighthouse-agent{instance}")
        self.container = Container(self.domain, node, type(self).main, (self,))
        far = broker_api is not local_api
        self.broker_watch = "broker-watch" if far else "watch"
        leg = "broker-call" if far else "call"
        agent = self.domain.name
        self.local = Client(Link(f"{agent} on {local_api.name}", self.domain, "call", "call", ways.limiter), local_api)
        self.broker = Client(Link(f"{agent} on broker", self.domain, leg, leg, ways.limiter), broker_api)
        self._meter: Meter | None = None
        self.waits_briefly = False  # whether a check of ports waits for its cache as upstream does; a scenario's
        self.rewrites: Request | None = None  # whether conditions are written because of texts, which only logs tell
        self.copies = True  # whether aggregates are copied; a scenario's
        self.call_hangs = False  # whether a script lets one hang
        self.checks_conflicts = checks_conflicts
        self.namespaces_change = namespaces_change
        self.make()

    def __repr__(self) -> str:
        return f"agent {self.cluster}"

    @property
    def has_meter(self) -> bool:
        """Whether a script has asked for a meter."""
        return self._meter is not None

    def metered(self) -> Meter:
        """The meter on this agent's links, put there when first asked for; ordinary worlds have none."""
        if self._meter is None:
            self._meter = Meter(self.container, self.broker.link)
            self.local.link.meter = self.broker.link.meter = self._meter
        return self._meter

    @property
    def hanging(self) -> Cell:
        """The call that hangs, in words: known to this process alone, so gone with it."""
        return self.domain.cell("hanging call")

    def let_calls_hang(self) -> None:
        """From now on a call may hang."""
        self.call_hangs = True

    # -- what a design has of its own ------------------------------------------------------------------------------

    def make(self) -> None:
        """Make the syncers, or the watches, that it is of."""
        raise AssertionError

    def informers(self, kind: str) -> tuple[Informer, ...]:
        """Those that watch a kind of objects, by the names of :data:`models.faults.watches.Kind`."""
        raise AssertionError

    def know(self, service_key: str) -> None:
        """Make what there is for each service that may be exported, as steps depend on nothing outside the world."""
        raise AssertionError

    def namespace_queues(self) -> Iterable[Channel]:
        """The queues of those who hear of namespaces, where they come and go."""
        raise AssertionError

    def last_listed(self) -> Cell:
        """Whether the last of the lists that it starts with is there."""
        raise AssertionError

    def copying(self) -> tuple[Syncer, ...]:
        """The syncers that do nothing but copy from the broker."""
        return ()

    def copy_at_once(self) -> None:
        """From now on copies are made at once."""
        raise AssertionError

    def needs_copies(self) -> str:
        """What depends on whether aggregates are copied, in words; else empty."""
        raise AssertionError

    def needs_contents(self) -> str:
        """What depends on what copies and imported EndpointSlices say, in words; else empty."""
        raise AssertionError
