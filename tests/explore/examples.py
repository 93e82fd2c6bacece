"""How many random models a test tries: few by `make test`, ten thousand by `make deep`, which sets EXAMPLES."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

ASKED = os.environ.get("EXAMPLES")
PARTS = max(1, int(ASKED or 0) // 1000)


def in_parts(test: Callable[..., None]) -> Callable[..., None]:
    """Carries a long test out in parts of a thousand models, which several processes share; each draws its own."""
    of_parts: Callable[..., None] = pytest.mark.parametrize("part", range(PARTS))(test)
    marked: Callable[..., None] = pytest.mark.usefixtures("part")(of_parts)
    return marked


def examples(usual: int, *, share: int = 1, parts: int = 1) -> settings:
    """``usual`` models, or what the environment asks for; of that one in ``share``, in so many ``parts``."""
    whole = int(ASKED or usual) // share
    return settings(max_examples=max(1, whole // parts), deadline=None, suppress_health_check=list(HealthCheck))
