"""The informers of an agent by the server that they watch, and what keeps them from listing in a log."""

from __future__ import annotations

from models.faults.watches import bar
from models.kube.informer import Informer
from models.logs.entry import LogFile
from models.logs.who import keys_of
from models.submariner.agent.agent import LighthouseAgent


def informers_of(log: LogFile, agent: LighthouseAgent, *, local: bool) -> list[Informer]:
    """The informers that watch the own cluster's server, or those that watch the broker."""
    if not local:
        return [agent.slices_in.informer, agent.remote_imports.informer]
    syncers = (agent.exports, agent.services, agent.slices_out, agent.local_imports)
    controllers = [agent.slice_controller(key, headless=headless) for key in keys_of(log) for headless in (False, True)]
    namespaces = [agent.namespaces] if agent.namespaces is not None else []
    return [*(syncer.informer for syncer in (*syncers, *controllers)), *namespaces]


def wait_for_links(log: LogFile, agent: LighthouseAgent) -> None:
    """Let informers try again only once their link is back, where the log tells of cuts: how often they fail before
    leaves no trace.
    """
    for local, verb in ((True, "CUT_OFF"), (False, "BROKER_CUT")):
        if any(entry.verb == verb for entry in log.entries):
            link = (agent.local if local else agent.broker).link
            for informer in informers_of(log, agent, local=local):
                bar(informer, link.cut)
