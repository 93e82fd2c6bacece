"""Lighthouse 0.19.0 (release-0.19 at 4cd9266): the algorithm of incident #3188 (docs/FACTS.md C14)."""

from models.releases.filters import without_label
from models.releases.release import Release

RELEASE = Release("0.19.0", "the reconcile at start takes the broker's aggregates for local copies", without_label)
