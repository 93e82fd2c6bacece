"""Lighthouse 0.19.1: as 0.19.0 with the fix of #3188 (lighthouse PR #1675, backport #1676; docs/FACTS.md C14)."""

from models.kube.objects import ServiceImport
from models.releases.release import Release


def is_taken_for_copy(found: ServiceImport) -> bool:
    """Everything that carries the service-name neither as label nor as annotation."""
    return not found.label and not found.annotation


RELEASE = Release("0.19.1", "the reconcile at start leaves annotated ServiceImports alone", is_taken_for_copy)
