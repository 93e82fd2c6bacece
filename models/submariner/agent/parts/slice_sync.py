"""What S3 does beside copying an own EndpointSlice to the broker (FACTS H8, H9; docs/FACTS.md C30)."""

from __future__ import annotations

import msgspec


class SliceSync(msgspec.Struct, frozen=True):
    """``checks_service``: a slice whose Service is gone is deleted, and those of headless services are reconciled at
    start (PR #1430). ``updates_aggregate``: a slice that was synced brings its ports to the aggregate, one that went
    takes the exporter away; else that is all S5's. ``adds_exporter``: it brings the cluster's name as well.
    """

    checks_service: bool = True
    updates_aggregate: bool = True
    adds_exporter: bool = False


WITH_PORTS = SliceSync()
WITH_NAME = SliceSync(adds_exporter=True)
WITH_NAME_UNCHECKED = SliceSync(checks_service=False, adds_exporter=True)
READY_ONLY = SliceSync(updates_aggregate=False)
