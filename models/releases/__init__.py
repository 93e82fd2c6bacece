"""Releases by name, the oldest first. A new one is one file here and one entry below."""

from models.releases import (
    level,
    proposed,
    v0_15,
    v0_16_0,
    v0_16_7,
    v0_17_0,
    v0_17_2,
    v0_17_3,
    v0_18_0,
    v0_18_1,
    v0_19_0,
    v0_19_1,
    v0_21,
    v0_22,
)
from models.releases.release import Release

RELEASES: dict[str, Release] = {
    module.RELEASE.name: module.RELEASE
    for module in (
        v0_15, v0_16_0, v0_16_7, v0_17_0, v0_17_2, v0_17_3, v0_18_0, v0_18_1, v0_19_0, v0_19_1, v0_21, v0_22,
        proposed, level,
    )
}  # fmt: skip
JUDGED = ("0.19.0", "0.19.1")
"""Those that are run where a scenario says nothing: without and with the fix of #3188."""
