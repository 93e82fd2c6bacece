"""Studies: many runs, their rows, statistics and results folders."""
