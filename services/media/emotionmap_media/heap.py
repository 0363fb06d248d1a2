"""Gives memory that was freed back to the system, now and then.

malloc keeps what was freed for what comes next (see MALLOC_TRIM_THRESHOLD_), in every arena as much
as was ever needed there at once: 165 MB after some segments, of which 76 were free. To give it back
costs 10 ms, as it has to be cleared when it is needed again; so it is done rarely.
"""

from __future__ import annotations

import ctypes
import threading
import time

EVERY_S = 20.0


class Heap:
    """The memory of this process.

    Args:
        every_s: Pause between two times that it is given back, at least.
    """

    def __init__(self, *, every_s: float = EVERY_S) -> None:
        self._every_s = every_s
        self._lock = threading.Lock()
        self._given_back_s = time.monotonic()
        # Of glibc; other systems' libraries keep less.
        self._trim = getattr(ctypes.CDLL(None), "malloc_trim", None)

    def give_back(self) -> bool:
        """Give back what is free, unless that was done lately; return whether it was done."""
        now_s = time.monotonic()
        with self._lock:
            if self._trim is None or now_s - self._given_back_s < self._every_s:
                return False
            self._given_back_s = now_s
        self._trim(0)
        return True
