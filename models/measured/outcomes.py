"""The measured outcome table (outcomes.yaml), and the settings under which each of its rows is simulated."""

from __future__ import annotations

from importlib import resources

import msgspec
import yaml

DELAYS = {
    "0": "constant 0.06",
    "3": "uniform 0 3 + 0.06",
    "15": "uniform 0 15 + 0.06",
    "60": "uniform 0 60 + 0.06",
    "200": "uniform 0 200 + 0.06",
    "heavy": "rare 0.08 0 800 + 0.06",
}
"""The random delays before and after each call in the measured runs of the controllers, by their name there."""
FIRST, LATER = "constant 30", "uniform 30 430"
"""When an agent starts after the kill: one of the two at once, the other up to 400 ms later (either may be first)."""


class Variant(msgspec.Struct, frozen=True):
    """Settings of the scenario ``restart``; ``is_random`` if delays or offsets were drawn when it was measured."""

    settings: dict[str, str]
    is_random: bool


class MeasuredRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the table: end states of the aggregate and how often they were seen; None where that is not known.

    ``because`` explains a difference of the shares by what is assumed.
    """

    way: str
    exported: list[str]
    restarted: list[str]
    release: str
    measured: dict[str, int | None]
    a_later_ms: int = 0
    b_later_ms: int = 0
    because: str = ""

    def variants(self) -> list[Variant]:
        """The settings that the measured runs went through, in equal parts."""
        base = {"way": self.way, "exported": _flow(self.exported), "restarted": _flow(self.restarted)}
        if self.way == "processes":
            starts = {"start_a": f"uniform 0 3 + {self.a_later_ms}", "start_b": f"uniform 0 3 + {self.b_later_ms}"}
            return [Variant({**base, **starts}, is_random=False)]
        both = len(self.restarted) > 1
        orders = [(FIRST, LATER), (LATER, FIRST)] if both else [(FIRST, FIRST)]
        return [
            Variant({**base, "start_a": a, "start_b": b, "delay.call": text}, is_random=both or name != "0")
            for name, text in DELAYS.items()
            for a, b in orders
        ]

    def title(self) -> str:
        """The row in words."""
        later = f", a {self.a_later_ms} ms later" if self.a_later_ms else ""
        later += f", b {self.b_later_ms} ms later" if self.b_later_ms else ""
        return f"{self.release} {self.way}: exported {_flow(self.exported)}, restarted {_flow(self.restarted)}{later}"


def _flow(clusters: list[str]) -> str:
    return f"[{', '.join(clusters)}]"


def rows() -> list[MeasuredRow]:
    """The rows of the table."""
    text = (resources.files(__package__ or "models.measured") / "outcomes.yaml").read_text()
    return msgspec.convert(yaml.safe_load(text), list[MeasuredRow])
