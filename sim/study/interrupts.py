"""SIGINT (Ctrl-C): the first ends a study early and keeps what is done, the second gives up."""

from __future__ import annotations

import mmap
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Self


class Interrupts:
    """While it is entered, the first SIGINT is remembered, so that what is under way comes to a good end; a second one
    is raised.

    What is remembered lies in memory that forked workers share. It is entered in the main thread; elsewhere, and where
    whoever started this process had it ignore SIGINT, it hears nothing.
    """

    def __init__(self, heard: Callable[[], None] = lambda: None) -> None:
        self._heard = heard
        self._shared = mmap.mmap(-1, 1)
        self._before: Any = signal.SIG_IGN

    @property
    def came(self) -> bool:
        """Whether there was one."""
        return self._shared[0] != 0

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.getsignal(signal.SIGINT)
            if self._before is not signal.SIG_IGN:
                signal.signal(signal.SIGINT, self._on)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._before)

    def _on(self, number: int, frame: FrameType | None) -> None:
        if self.came:
            raise KeyboardInterrupt
        self._shared[0] = 1
        self._heard()
