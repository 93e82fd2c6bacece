"""The kubelet: starts a node's containers and restarts those that exit (docs/FACTS.md D11)."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any

from models.node.container import EXITED, Container, StartContainer
from sim.core import Await, Become, Cell, Get, Request, Sleep, Stage, Start, Transaction, Value, Wait


class IsKept(Request, frozen=True):
    """Whether the kubelet keeps a container running."""

    container: Container

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return ()

    def carry_out(self, tx: Transaction, choice: Value) -> bool:
        return tx.is_running(self.container.node, self.container.keeper)


class AwaitExit(Wait, frozen=True):
    """Wait until a container has exited."""

    container: Container

    def reads(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.container.state,)

    def ready(self, get: Get) -> bool:
        return bool(get(self.container.state) == EXITED)


def begin(api_is_up: Cell, container: Container) -> Generator[Request, Any, None]:
    """Start a container of a running node, and keep it running from then on."""
    yield StartContainer(container)
    yield Start(container.node, container.keeper, keep, (api_is_up, container))


def start(api_is_up: Cell, container: Container) -> Stage:
    """Start a container of a node that has booted; the kubelet knows of its pods once the API server answers."""
    yield Sleep("container-start")
    yield Await(api_is_up)
    yield StartContainer(container)
    return Become(keep, (api_is_up, container))


def keep(api_is_up: Cell, container: Container) -> Stage:
    """Restart a container that exits. The back-off of repeated crashes is not modelled: each is taken for the first."""
    yield AwaitExit(container)
    yield Sleep(container.restart)
    yield StartContainer(container)
    return Become(keep, (api_is_up, container))
