"""The families of configurations of each budget."""

from __future__ import annotations

from models.hunt.configurations import BOTH, HEADLESS, LOST, OTHER_PORTS, TOUCHED, TWO_SLICES, Ground
from models.hunt.moves import GAPS
from sim.core import unknown

ALONE = {"a": HEADLESS}
PAIR = ("a", "b")
TWO = ("web-1", "web-2")
TINY = [Ground(lengths=(1,)), Ground(lengths=(2,))]
CHANGES = ("users", "labels")
ALONE_ONCE = ("hand", "labels", "cut", "errors", "namespaces", "anew", "roll-out")
"""What the base has not, once."""


def lagging(kind: str) -> tuple[tuple[str, dict[str, str]], ...]:
    """An API server that lags for one informer since before the export was made anew."""
    lag = {"fault": "stale-list", "cluster": "a", "kind": kind}
    return (
        (f"the API server lags for the next first list of {kind}", lag),
        ("unexport in a", {"do": "unexport", "cluster": "a"}),
        ("export in a", {"do": "export", "cluster": "a"}),
    )


SMALL = [
    Ground(lengths=(1, 2)),
    Ground(specs=ALONE, lengths=(1, 2)),
    Ground(begun=False, lengths=(1,)),
    Ground(before=LOST, lengths=(1,)),
    Ground(before=BOTH, lengths=(1,)),
    Ground(clusters=PAIR, lengths=(1,)),
    Ground(clusters=PAIR, exporters=("b",), lengths=(1,)),
    Ground(clusters=PAIR, exporters=PAIR, lengths=(1,)),
    Ground(clusters=PAIR, exporters=PAIR, specs={"b": HEADLESS}, lengths=(1,)),
    Ground(lengths=(1,), families=ALONE_ONCE),
    Ground(clusters=PAIR, lengths=(1,), families=("hand", "cut", "errors", "namespaces")),
    Ground(own={"a": (("gaps",), ("users", "anew"))}),
    Ground(own={"a": (("labels",), ("users", "broker"))}),
    Ground(own={"a": (("users",), ("errors",))}),
    Ground(own={"a": (("crash",), ("hand", "namespaces", "anew"))}),
    Ground(own={"a": (("users", "anew"), ("cut",))}),
    Ground(clusters=PAIR, own={"b": (("namespace gap",), ("namespaces",))}),
    Ground(clusters=PAIR, own={"a": (("users",),), "b": (("crash",), ("errors",))}),
    Ground(clusters=PAIR, exporters=PAIR, specs={"a": OTHER_PORTS}, own={"a": (CHANGES,), "b": (CHANGES,)}),
    Ground(clusters=("a", "b", "c"), exporters=("b", "c"), own={"b": (("leave",),), "c": (("changes",),)}),
    Ground(clusters=PAIR, exporters=PAIR, own={"a": (("changes",),), "b": (("changes",),)}),
    Ground(clusters=PAIR, exporters=PAIR, specs={"a": OTHER_PORTS}, own={"b": (("changes",),)}, briefly=True),
    Ground(clusters=PAIR, exporters=PAIR, own={"a": (("crash",), ("users",))}),
    Ground(begun=False, lengths=(1,), families=("roll-out",)),
    Ground(own={"a": (("roll-out",), CHANGES)}, effort=2),
    Ground(begun=False, own={"a": (("roll-out",), ("users",))}, effort=4),
    Ground(begun=False, own={"a": (("users",), ("errors",))}),
    Ground(clusters=("demo",), exporters=("demo",), services=("web-1", "web-1-demo"), lengths=(1,)),
    Ground(own={"a": (("hangs",), CHANGES, ("users",))}),
    *(Ground(earlier=lagging(kind), families=("crash",), lengths=(1,)) for kind in GAPS),
    Ground(services=("web-x", "web"), only_in={"web-x": "demo", "web": "x-demo"}, lengths=(1, 2), families=("each",)),
    Ground(begun=False, services=TWO, ips=2, own={"a": (("users",), ("status errors",))}, effort=2),
    Ground(
        clusters=PAIR, exporters=PAIR, services=TWO, only_from={"web-2": ("b",)}, ips=2,
        own={"b": (("namespaces",), ("crash",), ("namespaces",))},
    ),
    Ground(clusters=PAIR, exporters=PAIR, before=LOST, ips=1, own={"a": (("crash",),), "b": (("settings",),)}),
    Ground(
        clusters=PAIR, exporters=PAIR, specs={"b": HEADLESS}, own={"a": (("crash",),), "b": (("users",),)}, effort=4,
    ),
    Ground(clusters=PAIR, exporters=PAIR, before=LOST, lengths=(1,)),
    Ground(specs={"a": TWO_SLICES}, lengths=(1,)),
    Ground(
        clusters=PAIR, exporters=PAIR, later=("a",), specs=ALONE, own={"a": (("users",),), "b": (("leave",),)},
    ),
]  # fmt: skip
FULL = [
    *SMALL,
    Ground(specs={"a": TWO_SLICES}, lengths=(2,)),
    Ground(before=TOUCHED, lengths=(1, 2)),
    Ground(before=LOST, lengths=(2,)),
    Ground(begun=False, lengths=(2,)),
    Ground(clusters=PAIR, lengths=(2,), most=1),
    Ground(clusters=PAIR, exporters=("b",), lengths=(2,), most=1),
    Ground(clusters=PAIR, exporters=PAIR, lengths=(2,), most=1),
    Ground(clusters=PAIR, exporters=PAIR, specs={"b": OTHER_PORTS}, lengths=(1,)),
    Ground(clusters=PAIR, exporters=PAIR, specs={"a": HEADLESS, "b": TWO_SLICES}, lengths=(1, 2), most=1),
    Ground(clusters=("a", "b", "c"), exporters=PAIR, lengths=(1,)),
    Ground(own={"a": (("hand",), ("users", "crash", "labels"))}),
    Ground(own={"a": (("namespaces",), ("users", "crash", "broker"))}),
    Ground(specs=ALONE, own={"a": (("gaps",), ("users", "anew"))}),
    Ground(specs=ALONE, own={"a": (("crash",), ("hand", "namespaces", "anew"))}),
]
BUDGETS = {"tiny": TINY, "small": SMALL, "full": FULL}


def grounds(budget: str) -> list[Ground]:
    """The families of a budget.

    Raises:
        BadInput: there is no such budget.
    """
    if budget not in BUDGETS:
        raise unknown("budget", budget, BUDGETS)
    return BUDGETS[budget]
