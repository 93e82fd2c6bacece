"""Containers: what a runtime starts, kills and freezes as one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.core import Cell, Domain, Get, Request, StageFunction, Transaction, Value

RUNNING, PAUSED, EXITED = "running", "paused", "exited"


class Container:
    """A container: its domain (processes and memory), its state as its node knows it, and its main process."""

    def __init__(self, domain: Domain, node: Domain, main: StageFunction, args: tuple[Any, ...]) -> None:
        self.domain = domain
        self.node = node
        self.name = domain.name
        self.state = node.cell(f"container/{domain.name}")
        self.panicked = node.cell(f"container/{domain.name}/panicked")  # what the node remembers of restarts
        self.main = main
        self.args = args
        self.keeper = f"keep {domain.name}"  # the process of the kubelet that keeps it running
        self.restart = f"container-restart-{domain.name.split('/')[0]}"  # a delay of each cluster's own

    def __repr__(self) -> str:
        return f"container {self.name}"

    def start(self, tx: Transaction) -> None:
        """Start the main process."""
        tx.put(self.state, RUNNING)
        tx.start(self.domain, "main", self.main, *self.args)

    def exit(self, tx: Transaction) -> None:
        """Kill the processes; memory is lost."""
        tx.kill(self.domain)
        tx.put(self.state, EXITED)

    def pause(self, tx: Transaction) -> None:
        """Freeze the processes if they run."""
        if tx.get(self.state) == RUNNING:
            tx.put(self.state, PAUSED)
            tx.freeze(self.domain)

    def resume(self, tx: Transaction) -> None:
        """Let paused processes go on."""
        if tx.get(self.state) == PAUSED:
            tx.put(self.state, RUNNING)
            tx.thaw(self.domain)

    def cells(self) -> list[Cell]:
        """The cells that starting or killing it touches."""
        return [self.state, *self.domain.cells]


class StartContainer(Request, frozen=True):
    """The runtime starts a container afresh."""

    container: Container

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return self.container.cells()

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        self.container.start(tx)

    def words(self, choice: Value, response: Any) -> str:
        return f"{self.container.name} starts"


class ExitContainer(Request, frozen=True):
    """A container's process ends: a crash or a panic."""

    container: Container
    why: str

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return self.container.cells()

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        self.container.exit(tx)

    def words(self, choice: Value, response: Any) -> str:
        return f"{self.container.name} exits: {self.why}"


class Panic(ExitContainer, frozen=True):
    """The program panics, and its container with it; the node remembers."""

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (*super().cells(get, choice), self.container.panicked)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.put(self.container.panicked, self.why)
        super().carry_out(tx, choice)

    def words(self, choice: Value, response: Any) -> str:
        return f"{self.container.name} panics: {self.why}"


class RemoveContainer(Request, frozen=True):
    """A container is ended for good: its pod is deleted and none takes its place, so the kubelet starts it no more."""

    container: Container

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return self.container.cells()

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.stop(self.container.node, self.container.keeper)
        self.container.exit(tx)

    def words(self, choice: Value, response: Any) -> str:
        return f"{self.container.name} is ended for good"
