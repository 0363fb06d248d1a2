"""The `emotionmap` command: reads the command line, runs it, says how it ended."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

from emotionmap_cli.analyze import analyze
from emotionmap_cli.arguments import parse, to_analyze_request, to_up_request
from emotionmap_cli.failures import BadInput, Failure
from emotionmap_cli.up import up

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
    return run(sys.argv[1:])


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit status."""
    try:
        parsed = parse(arguments)
        if parsed.command == "up":
            up(to_up_request(parsed))
        else:
            analyze(to_analyze_request(parsed))
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


if __name__ == "__main__":
    sys.exit(main())
