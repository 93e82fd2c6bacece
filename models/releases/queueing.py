"""What versions of admiral keep of a key, and the back-off of their work queues (docs/FACTS.md C5, C6 and C30)."""

from models.kube.pending import LastState, Queueing

MAPS_5_MS = Queueing(LastState(), "work-queue-5ms")
"""Up to 0.17.1: maps of what was created and deleted, client-go's default back-off."""
MAPS_50_MS = Queueing(LastState())
"""0.17.2 and 0.18.0: the same with the back-off of later versions."""
RESYNC_MS = 120_000.0
"""lighthouse PR #1308: two minutes."""
