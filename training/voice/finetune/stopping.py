"""Ends a run at its time or at a signal, between two steps and never within one."""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Deadline:
    """Says when a run has to stop.

    Attributes:
        signalled: number of the signal that asked for it, None if none did.
    """

    def __init__(self, minutes: float) -> None:
        """Start the clock."""
        self.end_s = time.monotonic() + minutes * 60
        self.signalled: int | None = None

    @property
    def is_over(self) -> bool:
        """Whether to stop now."""
        return self.signalled is not None or time.monotonic() >= self.end_s

    def ask(self, number: int, _frame: FrameType | None) -> None:
        """Stop after this step; a second signal stops at once."""
        if self.signalled is not None:
            raise KeyboardInterrupt
        self.signalled = number
        sys.stderr.write("stopping after this step; once more stops at once\n")

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Take Ctrl-C and SIGTERM as `ask` within the block."""
        before = {number: signal.signal(number, self.ask) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
