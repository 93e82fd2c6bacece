"""The signature of a cause: the symptom, the last write of what is wrong, and the step after which it was settled."""

from __future__ import annotations

import msgspec


class Signature(msgspec.Struct, frozen=True):
    """What two runs have in common that go wrong in the same way, names of clusters left out.

    ``last`` is the last write of what decides, ``fatal`` the step after which nothing could help; both as handler and
    request. ``instead`` are the handlers that, had they gone first, would have helped. ``script`` are the operations,
    ``gone`` is who last deleted a local ServiceImport; ``shares`` says whether the aggregate is of another service too,
    ``in_vain`` whether the deciding write followed a deletion of what was gone, ``past`` whether an API server lagged,
    ``gave_up`` whether S7 went on after its stop.
    """

    symptom: str
    last: str
    fatal: str
    instead: tuple[str, ...]
    script: tuple[str, ...]
    gone: str = ""
    shares: bool = False
    in_vain: bool = False
    past: bool = False
    gave_up: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        """What makes two unknown causes one: symptom, last write, and the handler that settled it."""
        return (self.symptom, self.last, self.fatal.split(":", maxsplit=1)[0])
