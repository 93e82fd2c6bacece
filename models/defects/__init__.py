"""Known defects of releases, one YAML file each: what happens to the clusters, and what must not come of it.

The files say nothing of schedules; those are for a search to find. ``sim check defect-R1`` searches one like any other
scenario.
"""
