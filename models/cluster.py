"""A cluster: its nodes and their kernels, its API server, its pods."""

from __future__ import annotations

from models.client import Client
from models.exports import NAMESPACE
from models.kube.api_server import ApiServer
from models.kube.client import Client as ApiClient
from models.node.container import Container
from models.node.kernel import NAT_CHAINS, VX_LINK, VX_ROUTES, XFRM, Kernel
from models.releases.release import Release
from models.submariner.agent.base import Agent, Ways
from models.submariner.agents import design_of
from models.submariner.coredns import CoreDns
from models.submariner.gateway import GatewayPod
from models.submariner.resolver import Resolver
from models.submariner.route_agent import RouteAgent
from sim.core import Cell, Domain, Link


class Cluster:
    """One cluster: a gateway node and a worker node, its API server, its pods, and a user with kubectl."""

    def __init__(
        self, name: str, api: ApiServer, broker_api: ApiServer, release: Release, ways: Ways, *,
        checks_conflicts: bool, namespaces_change: bool, keeps_records: bool,
    ) -> None:  # fmt: skip
        self.name = name
        self.api = api
        self.node = Domain(f"{name}/kubelet")
        self.gateway_kernel = Kernel(f"{name}/gateway-node")
        self.worker_kernel = Kernel(f"{name}/worker-node")
        self.kernels = (self.gateway_kernel, self.worker_kernel)
        self.agent = design_of(release)(
            name, api, broker_api, self.node, release, ways, checks_conflicts=checks_conflicts,
            namespaces_change=namespaces_change,
        )  # fmt: skip
        self.gone: Cell | None = None  # whether the cluster has left, where a script lets it
        self.next_agent: Agent | None = None  # where a script rolls one out
        self.gateway = GatewayPod(name, api, self.node, self.gateway_kernel)
        self.route_agents = tuple(
            RouteAgent(api, self.node, kernel, on_gateway=kernel is self.gateway_kernel) for kernel in self.kernels
        )
        self.dns = (Resolver if keeps_records else CoreDns)(name, api, self.node, NAMESPACE)
        self.client = Client(self)
        self.others: tuple[Cluster, ...] = ()
        self._paths: dict[str, tuple[Cell, ...]] = {}
        self.containers: tuple[Container, ...] = (
            self.agent.container,
            self.gateway.container,
            *(route_agent.container for route_agent in self.route_agents),
            self.dns.container,
            self.client.container,
        )
        self.user = ApiClient(Link(f"user on {name}", Domain(f"{name}/user"), "user-call", "user-call"), api)

    def of_data_plane(self) -> list[str]:
        """The containers that are there only with the data plane, as scripts name them."""
        containers = (self.gateway.container, *(each.container for each in self.route_agents), self.dns.container)
        return [each.name.split("/", 1)[1] for each in (*containers, self.client.container)]

    def __repr__(self) -> str:
        return f"cluster {self.name}"

    def path_to(self, target: str) -> tuple[Cell, ...]:
        """The kernel tables that a connection from this cluster's worker to the other's needs, there and back."""
        found = self._paths.get(target)
        if found is None:
            found = self._paths[target] = self._path_to(target)
        return found

    def _path_to(self, target: str) -> tuple[Cell, ...]:
        if target == self.name:
            return ()
        other = next(cluster for cluster in self.others if cluster.name == target)
        return tuple(
            cell
            for end in (self, other)
            for cell in (
                end.worker_kernel.table(VX_LINK),
                end.worker_kernel.table(VX_ROUTES),
                end.worker_kernel.table(NAT_CHAINS),
                end.gateway_kernel.table(VX_LINK),
                end.gateway_kernel.table(NAT_CHAINS),
                end.gateway_kernel.table(XFRM),
            )
        )
