"""Scenarios: YAML files, and how they are read."""
