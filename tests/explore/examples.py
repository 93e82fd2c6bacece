"""How many random models a test tries: few by `make test`, ten thousand by `make deep`, which sets EXAMPLES."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

ASKED = os.environ.get("EXAMPLES")
PARTS = max(1, int(ASKED or 0) // 1000)
Test = Callable[..., None]


def examples(usual: int, *, share: int = 1) -> settings:
    """``usual`` models, or what the environment asks for; of that one in ``share``."""
    asked = int(ASKED or usual) // share
    return settings(max_examples=max(1, asked), deadline=None, suppress_health_check=list(HealthCheck))


def in_parts(usual: int, *, share: int = 1) -> Callable[[Test], Test]:
    """The same for a long test, in parts of a thousand models, which several processes share; each draws its own."""

    def divided(test: Test) -> Test:
        part: Test = pytest.mark.parametrize("part", range(PARTS))(examples(usual, share=share * PARTS)(test))
        marked: Test = pytest.mark.usefixtures("part")(part)
        return marked

    return divided
