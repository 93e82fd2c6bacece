"""Who is told of a conflict between exporters, and by whom (docs/FACTS.md C20 and C30)."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import msgspec

from models.kube.objects import ServiceImport
from models.submariner.agent.conditions import EXPORT_FAILED, set_condition
from models.submariner.agent.conflicts import check_terms, check_type

if TYPE_CHECKING:
    from models.submariner.agent.agent import LighthouseAgent
    from sim.core import Request

Steps = Generator["Request", Any, None]


class Conflicts(msgspec.Struct, frozen=True):
    """``of_all``: S6 of every exporter compares the imports of all clusters (since 0.22); else ``Distribute`` compares
    with the aggregate, which tells the latecomer, and the queue Q compares ports. ``affinity``: session affinity too.
    """

    of_all: bool = False
    affinity: bool = True

    def at_distribute(
        self, agent: LighthouseAgent, key: str, found: ServiceImport, wanted: ServiceImport, mine: ServiceImport
    ) -> Steps:
        """What ``Distribute`` does about an aggregate that exists as ``found`` and is to become ``wanted``."""
        if self.of_all:
            if found.type != mine.type:
                yield from set_condition(agent.local, key, EXPORT_FAILED)
            return
        yield from check_type(agent, key, found, mine)
        if self.affinity and found.type == mine.type:
            yield from check_terms(agent, key, wanted, mine, agent.ips.conflict(wanted, mine) if agent.ips else None)


OF_LATECOMER = Conflicts()
OF_TYPE_AND_PORTS = Conflicts(affinity=False)
OF_ALL = Conflicts(of_all=True)
