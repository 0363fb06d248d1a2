"""The environment of the services on one machine: what ties the five, and how they share it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from emotionmap_cli.ports import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Mapping

BACKENDS: Final = ("media", "face", "audio", "fusion")
MALLOC_KEPT_BYTES: Final = 8 * 2**20
"""Free memory that media and gateway keep: messages of frames are of 2 MB, and given back to the
system after each it would have to clear 13 MB of pages for every second of video."""
CHILD_GRACE_S: Final = 3
"""Time that running calls get when everything stops: below supervision.STOP_GRACE_S."""


def environment(
    service: str,
    *,
    ports: Mapping[str, int],
    host: str,
    data_dir: Path,
    models_dir: Path | None = None,
) -> dict[str, str]:
    """Return the environment of one service: that of this process and what ties the five."""
    prefix = f"EMOTIONMAP_{service.upper()}_"
    settings = {
        # Half the cores for each of the two model servers, which work at the same time.
        "OMP_NUM_THREADS": str(max(1, len(os.sched_getaffinity(0)) // 2)),
        "OPENBLAS_NUM_THREADS": "1",
        "ORT_DISABLE_TELEMETRY": "1",
        # Threads that allocate from arenas of their own never give all of it back, and one after
        # the other touches pages of its own: a single arena costs less memory, and less CPU.
        "MALLOC_ARENA_MAX": "1",
        **(_malloc_thresholds() if service in ("media", "gateway") else {}),
        **({} if models_dir is None else {"EMOTIONMAP_MODELS_DIR": str(models_dir.resolve())}),
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "EMOTIONMAP_DATA_DIR": str(data_dir),
        f"{prefix}GRACE_S": str(CHILD_GRACE_S),
    }
    if service != "gateway":
        return settings | {f"{prefix}HOST": LOOPBACK, f"{prefix}PORT": str(ports[service])}
    settings |= {
        f"{prefix}HOST": host,
        f"{prefix}HTTP_PORT": str(ports["http"]),
        f"{prefix}GRPC_PORT": str(ports["grpc"]),
    }
    settings |= {f"{prefix}{name.upper()}_TARGET": f"{LOOPBACK}:{ports[name]}" for name in BACKENDS}
    web = web_dir()
    return settings if web is None else {f"{prefix}WEB_DIR": str(web), **settings}


def _malloc_thresholds() -> dict[str, str]:
    names = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_")
    return dict.fromkeys(names, str(MALLOC_KEPT_BYTES))


def web_dir() -> Path | None:
    """Return the folder of the built page: EMOTIONMAP_WEB_DIR, or that of a source checkout."""
    named = os.environ.get("EMOTIONMAP_WEB_DIR")
    candidate = Path(named) if named else Path(__file__).resolve().parents[3] / "web" / "dist"
    return candidate if (candidate / "index.html").is_file() else None
