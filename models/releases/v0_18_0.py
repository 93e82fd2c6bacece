"""Lighthouse 0.18.0: as 0.17.2, for what the model has (docs/FACTS.md C30)."""

from msgspec.structs import replace

from models.releases import v0_17_2

RELEASE = replace(v0_17_2.RELEASE, name="0.18.0", summary="as 0.17.2")
