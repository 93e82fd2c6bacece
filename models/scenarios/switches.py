"""Words of a scenario file that YAML takes for truth values unless they are quoted: on and off, yes and no."""

from __future__ import annotations

from typing import Any

ON_OR_OFF = ("monitor", "data_plane", "globalnet")
YES_OR_NO = ("exported_at_start", "ips_by_default")


def switches(content: dict[str, Any]) -> dict[str, str]:
    """The fields that YAML took for truth values, as the words that they were."""
    given = {key: content[key] for key in (*ON_OR_OFF, *YES_OR_NO) if isinstance(content.get(key), bool)}
    return {key: ("on" if on else "off") if key in ON_OR_OFF else ("yes" if on else "no") for key, on in given.items()}
