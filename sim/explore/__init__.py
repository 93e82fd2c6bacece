"""Exhaustive search of a model: packed worlds, steps learned once, reduction, walks, verdicts."""
