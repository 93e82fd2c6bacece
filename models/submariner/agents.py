"""Agents by the design of their release."""

from __future__ import annotations

from models.kube.api_server import ApiServer
from models.releases.release import Design, Release
from models.submariner.agent.agent import LighthouseAgent
from models.submariner.agent.base import Agent, Ways
from models.submariner.level.agent import LevelAgent
from sim.core import BadInput, Domain


def agent_of(
    cluster: str, local_api: ApiServer, broker_api: ApiServer, node: Domain, release: Release, ways: Ways, *,
    checks_conflicts: bool = False, namespaces_change: bool = False, instance: str = "",
) -> Agent:  # fmt: skip
    """The agent of a cluster under a release; the arguments are those of
    :class:`~models.submariner.agent.agent.LighthouseAgent`.
    """
    design = LevelAgent if release.design is Design.LEVEL else LighthouseAgent
    return design(
        cluster, local_api, broker_api, node, release, ways, checks_conflicts=checks_conflicts,
        namespaces_change=namespaces_change, instance=instance,
    )  # fmt: skip


def upstream(agent: Agent, what: str = "logs are of") -> LighthouseAgent:
    """The agent, if it is of upstream's design; ``what`` says for what it must be.

    Raises:
        BadInput: it is not.
    """
    if not isinstance(agent, LighthouseAgent):
        raise BadInput(f"{agent.release.name} is not of upstream's design, which {what}", "a release of upstream")
    return agent
