"""Lighthouse 0.19.1: as 0.19.0 with the fix of #3188 (lighthouse PR #1675, backport #1676; docs/FACTS.md C14)."""

from msgspec.structs import replace

from models.releases import v0_19_0
from models.releases.filters import without_label_or_annotation

RELEASE = replace(
    v0_19_0.RELEASE,
    name="0.19.1",
    summary="the reconcile at start leaves annotated ServiceImports alone",
    is_taken_for_copy=without_label_or_annotation,
)
