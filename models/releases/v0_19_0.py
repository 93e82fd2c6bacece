"""Lighthouse 0.19.0 (release-0.19 at 4cd9266): the algorithm of incident #3188 (docs/FACTS.md C14)."""

from models.kube.objects import ServiceImport
from models.releases.release import Release


def is_taken_for_copy(found: ServiceImport) -> bool:
    """Everything without the service-name label; the aggregates, which carry it as an annotation, pass as well."""
    return not found.label


RELEASE = Release("0.19.0", "the reconcile at start takes the broker's aggregates for local copies", is_taken_for_copy)
