"""Clusters that run different releases: what a fleet is like in the middle of an upgrade."""

from __future__ import annotations

import msgspec

from models.releases.release import Release

PLUS, AT = "+", "@"


class Fleet(msgspec.Struct, frozen=True):
    """A release for all clusters but some that have their own."""

    name: str
    default: Release
    own: dict[str, Release]

    def of(self, cluster: str) -> Release:
        """The release of a cluster."""
        return self.own.get(cluster, self.default)


def release_of(release: Release | Fleet, cluster: str) -> Release:
    """The release of a cluster."""
    return release.of(cluster) if isinstance(release, Fleet) else release
