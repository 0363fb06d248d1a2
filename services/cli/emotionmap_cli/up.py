"""`emotionmap up`: the five services and the page, until Ctrl-C."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from emotionmap_cli.environment import web_dir
from emotionmap_cli.local import running
from emotionmap_cli.models import default_folder

if TYPE_CHECKING:
    from pathlib import Path

CHECK_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class UpRequest:
    """What the command line asks for; a port of 0 takes a free one."""

    data_dir: Path
    host: str
    http_port: int
    grpc_port: int


def up(request: UpRequest) -> None:
    """Run until interrupted.

    Raises:
        Failure: A port is taken, the data folder is in use, or a service does not run.
    """
    print("Starting EmotionMap ...", file=sys.stderr, flush=True)
    try:
        with running(
            request.data_dir,
            host=request.host,
            http_port=request.http_port,
            grpc_port=request.grpc_port,
            models_dir=default_folder(),
            quiet=False,
        ) as system:
            page = "" if web_dir() else " (the page is not built: make web)"
            print(f"EmotionMap is ready: {system.base_url}{page}")
            print(
                f"gRPC: {system.grpc_target}   data: {system.data_dir}   stop: Ctrl-C", flush=True
            )
            while True:
                system.check()
                time.sleep(CHECK_S)
    except KeyboardInterrupt:
        print("EmotionMap has stopped.", file=sys.stderr)
