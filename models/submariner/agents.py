"""Agents by the design of their release."""

from __future__ import annotations

from models.releases.release import Design, Release
from models.submariner.agent.agent import LighthouseAgent
from models.submariner.agent.base import Agent
from models.submariner.level.agent import LevelAgent
from sim.core import BadInput

DESIGNS: dict[Design, type[Agent]] = {Design.SYNCERS: LighthouseAgent, Design.LEVEL: LevelAgent}


def design_of(release: Release) -> type[Agent]:
    """What agents of a release are."""
    return DESIGNS[release.design]


def upstream(agent: Agent, what: str = "logs are of") -> LighthouseAgent:
    """The agent, if it is of upstream's design; ``what`` says for what it must be.

    Raises:
        BadInput: it is not.
    """
    if not isinstance(agent, LighthouseAgent):
        raise BadInput(f"{agent.release.name} is not of upstream's design, which {what}", "a release of upstream")
    return agent
