"""The `emotionmap` command: reads the command line, runs it, says how it ended."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

from emotionmap_cli.failures import BadInput, Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130


def main() -> int:
    """Run the command line of this process and return its exit status."""
    # As cleanly as on Ctrl-C; SIGINT itself is ignored in what a script starts in the background.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as under nohup
        signal.signal(signal.SIGHUP, signal.default_int_handler)
    plug_closed_streams()
    return run(sys.argv[1:])


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit status."""
    try:
        _run(arguments)
    except Failure as failure:
        message = str(failure)
        if isinstance(failure, BadInput):
            message = " ".join(message.split())  # one line, whatever the file is called
        print(f"emotionmap: error: {message}", file=sys.stderr)
        return failure.exit_status
    except KeyboardInterrupt:
        print("emotionmap: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read stdout has left; keep the interpreter from complaining when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Failure.exit_status
    return 0


def plug_closed_streams() -> None:
    """Open /dev/null in place of standard streams that are closed, or another file takes it."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - for good


def _run(arguments: Sequence[str]) -> None:
    # Imported here: it takes a moment, in which an interrupt is to end as it does later.
    from emotionmap_cli.analyze import analyze  # noqa: PLC0415
    from emotionmap_cli.arguments import (  # noqa: PLC0415
        parse,
        to_analyze_request,
        to_models_request,
        to_up_request,
    )
    from emotionmap_cli.models import models  # noqa: PLC0415
    from emotionmap_cli.up import up  # noqa: PLC0415

    parsed = parse(arguments)
    if parsed.command == "up":
        up(to_up_request(parsed))
    elif parsed.command == "models":
        models(to_models_request(parsed))
    else:
        analyze(to_analyze_request(parsed))


if __name__ == "__main__":
    sys.exit(main())
