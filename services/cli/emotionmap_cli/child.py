"""Runs one service so that it ends when the command does, however the command ends.

Two ways, since neither is enough: standard input is a pipe whose other end only the command holds,
which the kernel closes even after SIGKILL, so that the service takes along what it has started; and
Linux kills the service itself, so that it goes even if it hangs and runs no Python any more.
Run as `python -m emotionmap_cli.child MODULE`.
"""

from __future__ import annotations

import ctypes
import os
import runpy
import signal
import sys
import threading

PR_SET_PDEATHSIG = 1
"""From linux/prctl.h: the signal that a process gets when the thread that started it ends."""


def main() -> None:
    """Tie this process to its parent, then become the service."""
    module = sys.argv[1]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    lifeline = os.dup(0)  # not inherited by the service's own children
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a descriptor is all that is needed
        os.dup2(nothing.fileno(), 0)
    threading.Thread(target=_end_with, args=(lifeline,), name="lifeline", daemon=True).start()
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _end_with(lifeline: int) -> None:
    while os.read(lifeline, 1):
        pass
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)  # with whatever the service has started
    os._exit(1)


if __name__ == "__main__":
    main()
