"""The guards of an algorithm: conditions under which it does not delete. Each can be removed, to see what it is for."""

from __future__ import annotations

from msgspec.structs import replace

from models.kube.objects import ServiceImport
from models.releases.parts import LEVEL_PARTS, PARTS
from models.releases.release import Design, Release

PRECONDITION = "precondition"
GUARDS = {
    "skips-annotated": "R-c leaves a ServiceImport with the service-name annotation alone (the fix of #3188)",
    "skips-labelled": "R-c leaves a ServiceImport with the service-name label alone",
    "looks-in-store": "a reconcile deletes only what the syncer's store does not hold",
    PRECONDITION: "an aggregate that names nobody is deleted only if it is still what was read",
}
WITHOUT = " without "


def guards_of(release: Release) -> dict[str, str]:
    """The guards of a release, each with what it does; 0.19.0 lacks the fix of #3188."""
    if release.design is Design.LEVEL:
        return {PRECONDITION: GUARDS[PRECONDITION], **{part: LEVEL_PARTS[part] for part in release.parts}}
    annotated = ServiceImport(namespace="", name="", annotation="demo/web-1")
    lacks = {"skips-annotated"} if release.is_taken_for_copy(annotated) else set()
    own = {guard: about for guard, about in GUARDS.items() if guard not in lacks}
    return {**own, **{part: PARTS[part] for part in release.parts}}


def without(release: Release, guard: str) -> Release:
    """The release with one guard removed."""
    name = f"{release.name}{WITHOUT}{guard}"
    if guard == "looks-in-store":
        return replace(release, name=name, looks_in_store=False)
    if guard in release.parts:
        return replace(release, name=name, parts=tuple(part for part in release.parts if part != guard))
    if guard == PRECONDITION:
        return replace(release, name=name, deletes_with_precondition=False)

    def is_taken_for_copy(found: ServiceImport) -> bool:
        bare = replace(found, annotation="") if guard == "skips-annotated" else replace(found, label="")
        return release.is_taken_for_copy(bare)

    return replace(release, name=name, is_taken_for_copy=is_taken_for_copy)
