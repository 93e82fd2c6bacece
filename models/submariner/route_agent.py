"""The route agent: installs a node's kernel tables when it starts, and never looks at them again.

Source: docs/FACTS.md D5.
"""

from __future__ import annotations

from models.kube.api_server import ApiServer
from models.kube.client import Client
from models.node.container import Container, ExitContainer
from models.node.kernel import NAT_CHAINS, RULE_150, TABLE_150, VX_LINK, VX_ROUTES, Install, Kernel
from sim.core import Domain, Link, Sleep, Stage

GATEWAY_TABLES = (NAT_CHAINS, VX_LINK, RULE_150, TABLE_150)
WORKER_TABLES = (NAT_CHAINS, VX_LINK, VX_ROUTES)


class RouteAgent:
    """The route agent of one node."""

    def __init__(self, api: ApiServer, node: Domain, kernel: Kernel, *, on_gateway: bool) -> None:
        self.kernel = kernel
        self.tables = GATEWAY_TABLES if on_gateway else WORKER_TABLES
        self.domain = Domain(f"{kernel.node}/route-agent")
        self.container = Container(self.domain, node, main, (self,))
        self.client = Client(Link(f"{kernel.node}/route-agent on {api.name}", self.domain, "call", "call"), api)

    def __repr__(self) -> str:
        return f"route agent on {self.kernel.node}"


def main(agent: RouteAgent) -> Stage:
    """Init, then the replay of Endpoints and Nodes as created. Nothing periodic: what is lost later stays lost."""
    yield Sleep("route-agent-start")
    if not (yield agent.client.call("list endpoints")):
        yield ExitContainer(agent.container, "the API server does not answer")
        return None
    for table in agent.tables:
        yield Install(agent.kernel, table)
    return None
