"""Releases by name. A new one is one file here and one entry below."""

from models.releases import proposed, v0_19_0, v0_19_1
from models.releases.release import Release

RELEASES: dict[str, Release] = {
    release.name: release for release in (v0_19_0.RELEASE, v0_19_1.RELEASE, proposed.RELEASE)
}
