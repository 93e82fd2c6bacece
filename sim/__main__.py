"""``python -m sim``."""

from sim.cli import run

run()
