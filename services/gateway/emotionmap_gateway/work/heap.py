"""Gives memory that was freed back to the system: malloc keeps as much as was ever needed."""

from __future__ import annotations

import ctypes


def give_back() -> None:
    """Give back what is free, where malloc is glibc's; costs some milliseconds."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
