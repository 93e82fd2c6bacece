"""Lighthouse 0.21: as 0.19.1 without the migrator of before 0.15, and a stop of S7 that takes more than 5 s is an error
(PR #1757) that is tried again (docs/FACTS.md C30).

Not modelled: the priority queue of 0.20, which only changes when things happen; admiral #1089, a create that is asked
to be tried again for ever after its object went. Assumed: the migrator was gone (issue #1687, planned for after 0.20).
"""

from msgspec.structs import replace

from models.releases import v0_19_1

RELEASE = replace(
    v0_19_1.RELEASE,
    name="0.21",
    summary="imports of before 0.15 are not looked for any more",
    migrate=None,
    retries_stops=True,
)
