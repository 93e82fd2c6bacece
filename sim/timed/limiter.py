"""The client limiter: a token bucket that serves its callers first in, first out."""

from __future__ import annotations

from sim.core.timing import Limits


class TokenBucket:
    """One client's bucket (client-go ``flowcontrol.NewTokenBucketRateLimiter``). Reservations are made in the order
    of the calls (golang.org/x/time/rate ``Limiter``).
    """

    __slots__ = ("_burst", "_last_ms", "_per_ms", "_tokens")

    def __init__(self, limits: Limits) -> None:
        self._burst = float(limits.burst)
        self._per_ms = limits.per_second / 1000.0
        self.refill()

    def refill(self) -> None:
        """Start anew with a full bucket, as a new process does."""
        self._tokens = self._burst
        self._last_ms = 0.0

    def reserve(self, now_ms: float) -> float:
        """Take one token; returns the ms that the caller must wait for it."""
        tokens = self._tokens + (now_ms - self._last_ms) * self._per_ms
        self._last_ms = now_ms
        self._tokens = tokens = (tokens if tokens < self._burst else self._burst) - 1.0
        return 0.0 if tokens >= 0.0 else -tokens / self._per_ms
