"""Options of a scenario: what ``--set`` may change, and values as it takes them."""

from __future__ import annotations

from typing import Any

import msgspec
import yaml

from sim.core import BadInput
from sim.core.setting import as_text


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that ``--set`` may change: its default, what it means, and what is accepted."""

    default: Any
    about: str
    among: list[Any] = []
    at_least: float | None = None
    at_most: float | None = None

    def parse(self, name: str, text: str) -> Any:
        """The value that ``text`` stands for.

        Raises:
            BadInput: it is not of the option's kind or outside its bounds.
        """
        try:
            value: Any = text if isinstance(self.default, str) else yaml.safe_load(text)
        except yaml.YAMLError:
            raise BadInput(f"{name}={text} is not accepted", accepted=self.accepted()) from None
        kinds: tuple[type, ...] = (int, float) if isinstance(self.default, float) else (type(self.default),)
        if not isinstance(value, kinds) or (isinstance(value, bool) and not isinstance(self.default, bool)):
            raise BadInput(f"{name}={text} is not accepted", accepted=self.accepted())
        if not self.takes(value):
            raise BadInput(f"{name}={text} is not accepted", accepted=self.accepted())
        return value

    def takes(self, value: Any) -> bool:
        """Whether a value of its kind is accepted."""
        if self.among and value not in self.among:
            return False
        return not isinstance(value, int | float) or self._within(value)

    def _within(self, value: float) -> bool:
        low = self.at_least if self.at_least is not None else float("-inf")
        high = self.at_most if self.at_most is not None else float("inf")
        return low <= value <= high

    def accepted(self) -> str:
        """What is accepted, in words."""
        if self.among:
            texts = [
                f"'{value}'" if isinstance(value, str) and "," in value else as_text(value) for value in self.among
            ]
            return ", ".join(texts)
        kind = {int: "a whole number", float: "a number", str: "a text", list: "a list, as [a, b]"}.get(
            type(self.default), "a value"
        )
        bounds = [f"at least {self.at_least:g}"] if self.at_least is not None else []
        bounds += [f"at most {self.at_most:g}"] if self.at_most is not None else []
        return " ".join([kind, *bounds])
