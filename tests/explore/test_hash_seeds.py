"""The models do the same whatever the order of sets: compared between processes with other hash seeds."""

from __future__ import annotations

import pytest

from sim.core.rules import BrokenRule
from tests.explore.hash_seeds import compare, compare_all


def test_models_ask_for_the_same_whatever_the_order_of_sets() -> None:
    compare_all(["incident", "0.19.0", "operations", "0.19.1", "re-export", "proposed", "restart", "0.22"])


def test_what_differs_is_told_with_process_and_request() -> None:
    compare("d:it Read(c)\nd:it Write(c, 1)", "d:it Read(c)\nd:it Write(c, 1)")
    with pytest.raises(BrokenRule, match=r"process d:it .* d:it Write\(c, 1\), and with .* d:it Write\(c, 2\)"):
        compare("d:it Read(c)\nd:it Write(c, 1)", "d:it Read(c)\nd:it Write(c, 2)")
    with pytest.raises(BrokenRule, match="and with other hashes nothing"):
        compare("d:it Read(c)\nd:it Write(c, 1)", "d:it Read(c)")
