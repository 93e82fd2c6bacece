"""Worlds: every cell and every process's continuation, as one immutable, comparable value."""

from __future__ import annotations

import hashlib
from functools import cached_property
from itertools import count
from typing import Any

import msgspec

from sim.core.cell import Cell, Domain, Value
from sim.core.request import Request, Result, Stage, StageFunction
from sim.core.rules import broken_handler


class Continuation(msgspec.Struct, frozen=True):
    """Where a process stands: its stage, the arguments of the stage and the responses since the stage began."""

    domain: Domain
    name: str
    function: StageFunction
    args: tuple[Any, ...]
    responses: tuple[Any, ...]

    def resume(self) -> tuple[Stage, Request]:
        """The stage that stands there, made again by telling it its responses, and the request that it waits for."""
        stage: Any = None
        asked: Request | None = None
        try:
            stage = self.function(*self.args)
            request = next(stage)
            for told, response in enumerate(self.responses):
                asked = request = request if request.is_step else _marked(stage, request, told, response)
                request = stage.send(response)
            return stage, request if request.is_step else _marked(stage, request, len(self.responses))
        except Exception as error:
            raise broken_handler(f"{self.domain.name}:{self.name}", self.function, stage, asked, error) from error

    def text(self) -> str:
        """The continuation without anything that differs between processes of the operating system."""
        return f"{self.domain.name}:{self.name} {self.function.__qualname__}{self.args!r} {self.responses!r}"


def _marked(stage: Stage, request: Request, told: int, response: Any = None) -> Request:
    """Answer marks, up to the one whose result comes next, or to the next request that is a step."""
    over = response.mark if isinstance(response, Result) else None
    marks = count()
    while not request.is_step and (mark := (told, next(marks))) != over:
        request = stage.send(mark)
    return request


class World(msgspec.Struct, frozen=True, dict=True):
    """Cells in the order of their names, and continuations in the order of theirs."""

    cells: tuple[tuple[Cell, Value], ...]
    processes: tuple[Continuation, ...]
    frozen: tuple[Domain, ...] = ()

    @cached_property
    def values(self) -> dict[Cell, Value]:
        """The value of each cell; not to be written."""
        return dict(self.cells)

    @cached_property
    def requests(self) -> tuple[Request, ...]:
        """The request that each process waits to take."""
        return tuple(continuation.resume()[1] for continuation in self.processes)

    def text(self) -> str:
        """The whole world, a line for each cell and process."""
        lines = [f"{cell.name} = {value!r}" for cell, value in self.cells]
        lines += [continuation.text() for continuation in self.processes]
        return "\n".join([*lines, *(f"{domain.name} is frozen" for domain in self.frozen)])

    def digest(self) -> str:
        """The first 16 hexadecimal digits of SHA-256 over :meth:`text`: equal for equal worlds, in every process."""
        return hashlib.sha256(self.text().encode()).hexdigest()[:16]

    def differences(self, other: World) -> list[str]:
        """The lines of :meth:`text` that only one of the two worlds has, marked ``-`` (this) and ``+`` (other)."""
        mine, theirs = self.text().split("\n"), other.text().split("\n")
        gone, new = set(theirs), set(mine)
        return [f"- {line}" for line in mine if line not in gone] + [f"+ {line}" for line in theirs if line not in new]
