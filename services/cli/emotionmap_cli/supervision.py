"""Keeps processes running: starts them, starts them again when they die, stops them in order."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

POLL_S: Final = 0.1
FIRST_DELAY_S: Final = 0.1
MAX_DELAY_S: Final = 5.0
STEADY_S: Final = 20.0
"""A process that ran so long starts afresh: its next death is not held against it."""

MAX_DEATHS: Final = 6
"""Deaths in a row, none after a steady run, at which a process is given up."""

MAX_EXITS_AT_START: Final = 2
"""Times that a process may exit by itself before everything was ready once: a restart seldom mends
what stops it from starting."""

STOP_GRACE_S: Final = 5.0
KILL_WAIT_S: Final = 5.0
TAIL_BYTES: Final = 4096
TAIL_LINES: Final = 8


@dataclass(slots=True)
class Child:
    """One supervised process, a session of its own.

    Args:
        name: What it is called in messages.
        command: Program and arguments.
        environment: Its whole environment.
        log: Where its output goes.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] = field(init=False)
    started_s: float = field(init=False, default=0.0)
    deaths: int = field(init=False, default=0)
    restart_at_s: float | None = field(init=False, default=None)

    def start(self) -> None:
        """Start the process; its output is added to the log."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603 - our own services
                self.command,
                stdin=subprocess.PIPE,  # the lifeline, see child.py
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environment,
                start_new_session=True,  # Ctrl-C reaches the command alone
            )
        self.started_s = time.monotonic()
        self.restart_at_s = None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process, if it lives."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    def kill_group(self) -> None:
        """End the process and whatever it has started and left behind."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def release(self) -> None:
        """Close the lifeline of a process that has ended."""
        if self.process.stdin:
            self.process.stdin.close()

    def log_tail(self) -> str:
        """Return the last lines of the log."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(0, self.log.stat().st_size - TAIL_BYTES))
                text = log.read().decode("utf-8", "replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-TAIL_LINES:])


class Supervisor:
    """Runs children until stopped. A child that dies is started again, later each time.

    Args:
        children: In the order in which they are started and, backwards, stopped.
        report: Takes one line for people on each death.
    """

    def __init__(self, children: Sequence[Child], *, report: Callable[[str], None]) -> None:
        self.failure: str | None = None
        self.was_ready = False
        self._children = children
        self._report = report
        self._started = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    def start(self) -> None:
        """Start every child and the watch over them."""
        self._thread.start()
        self._started.wait()

    def stop(self) -> None:
        """Stop the children, last started first, and end what they have left behind.

        An interrupt meanwhile (another Ctrl-C) ends them at once.
        """
        self._stopping.set()
        try:
            self._thread.join()
        except KeyboardInterrupt:
            for child in self._children:
                child.kill_group()
            self._thread.join()
            raise

    def _run(self) -> None:
        # All from one thread, which outlives the children: the kernel ends them when it dies.
        try:
            for child in self._children:
                child.start()
            self._started.set()
            while not self._stopping.wait(POLL_S):
                self._look_after()
        except OSError as error:
            self.failure = f"A service cannot be started: {error.strerror}."
        finally:
            self._started.set()
            self._end()

    def _look_after(self) -> None:
        for child in self._children:
            if child.restart_at_s is None and child.process.poll() is not None:
                self._bury(child)
            if child.restart_at_s is not None and time.monotonic() >= child.restart_at_s:
                child.start()

    def _end(self) -> None:
        started = [child for child in self._children if child.started_s]
        _terminate(started[-1:])
        _terminate(started[:-1])
        for child in started:
            child.kill_group()
        for child in started:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(KILL_WAIT_S)
            child.release()

    def _bury(self, child: Child) -> None:
        child.kill_group()
        child.release()
        if time.monotonic() - child.started_s > STEADY_S:
            child.deaths = 0
        child.deaths += 1
        ending = describe_exit(child.process.returncode)
        exits = not self.was_ready and child.process.returncode >= 0
        if child.deaths >= (MAX_EXITS_AT_START if exits else MAX_DEATHS):
            self.failure = (
                f"The {child.name} service does not run: it {ending} {child.deaths} times in a row."
                f" The end of {child.log}:\n{child.log_tail()}"
            )
        child.restart_at_s = time.monotonic() + delay_s(child.deaths)
        self._report(f"The {child.name} service {ending}; starting it again.")


def delay_s(deaths: int) -> float:
    """Return how long a process waits for its restart after so many deaths in a row."""
    return min(MAX_DELAY_S, FIRST_DELAY_S * 2.0 ** (deaths - 1))


def describe_exit(return_code: int) -> str:
    """Return how a process ended, as the rest of a sentence."""
    if return_code < 0:
        return f"was ended by {signal.Signals(-return_code).name}"
    return f"exited with status {return_code}"


def python_command(module: str) -> list[str]:
    """Return the command that runs a service's module tied to this process (see child.py)."""
    return [sys.executable, "-m", "emotionmap_cli.child", module]


def _terminate(children: Sequence[Child]) -> None:
    """Ask children to stop and wait for them, not longer than STOP_GRACE_S."""
    for child in children:
        child.signal(signal.SIGTERM)
    deadline_s = time.monotonic() + STOP_GRACE_S
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(max(0.0, deadline_s - time.monotonic()))
