"""Benchmarks: ratios measured in one run against a named rival or a stated limit.

Run with ``python -m benchmarks [name ...]``.
"""
