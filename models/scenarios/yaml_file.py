"""Reads the YAML of a scenario: plain data, each key once in its mapping."""

from __future__ import annotations

from typing import Any

import yaml

from sim.core import BadInput


class _Loader(yaml.SafeLoader):
    """Refuses what YAML forbids and its library lets through: of two equal keys it would keep the last."""

    def compose_mapping_node(self, anchor: Any) -> Any:
        node = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"{key.value!r} stands twice here", problem_mark=key.start_mark)
            if isinstance(key, yaml.ScalarNode):
                seen.add(key.value)
        return node


def parsed(text: str, what: str) -> Any:
    """The content of a text.

    Raises:
        BadInput: it is not YAML, or has a key twice in one mapping; ``what`` says of which file that is.
    """
    try:
        return yaml.load(text, _Loader)  # noqa: S506, as it is made of the safe one
    except RecursionError:
        raise BadInput(f"{what} is nested too deeply", "YAML of a few levels") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark is not None else ""
        said = " ".join(str(getattr(error, "problem", None) or error).split())
        raise BadInput(f"{what} is not YAML: {where}{said}", "YAML, each key once in its mapping") from None
