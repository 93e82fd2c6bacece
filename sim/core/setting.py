"""Values of options as ``--set key=value`` takes them."""

from __future__ import annotations

import sys

import yaml

from sim.core.cell import Value


def as_text(value: Value) -> str:
    """The value as text; a list as ``[a, b]``."""
    if isinstance(value, str):
        return value
    text: str = yaml.safe_dump(value, default_flow_style=True, width=sys.maxsize)
    return text.split("\n", maxsplit=1)[0]
