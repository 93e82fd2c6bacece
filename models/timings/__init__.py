"""Timing profiles as YAML: delays, back-offs and limits, each with its source."""
