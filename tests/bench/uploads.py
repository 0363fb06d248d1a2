"""What an upload of the largest file adds to the gateway's memory, in both ways to upload."""

from __future__ import annotations

import base64
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
from emotionmap_cli.client import GatewayClient, Limits

from tests.bench.cost import memory_mb, resident_mb, watching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from emotionmap_cli.local import System

LOOK_EVERY_S = 0.05
PIECE_BYTES = 1 << 20
TIMEOUT_S = 300.0
SETTLE_S = 1.0
"""Pause before memory is looked at, so that what was done before is over."""
TUS = {"Tus-Resumable": "1.0.0"}


@dataclass(slots=True)
class Added:
    """Memory of the gateway before an upload, and at most during it, MB."""

    before_mb: float
    peak_mb: float = 0.0


def upload_rows(system: System, video: Path) -> list[dict[str, Any]]:
    """Upload a file in every way that the gateway offers; return what each added."""
    ways = {"multipart": _send_form}
    if _has_resumable(system):
        ways["resumable"] = _send_resumable
    rows = []
    for name, send in ways.items():
        start_s = time.monotonic()
        with _adding(system) as (shared, resident):
            analysis_id = send(system, video)
        seconds = time.monotonic() - start_s - SETTLE_S
        with _client(system) as client:
            client.abandon(analysis_id)
        rows.append(
            {
                "case": name,
                "size_mb": video.stat().st_size / 1e6,
                "mb_per_s": round(video.stat().st_size / 1e6 / seconds, 1),
                "before_pss_mb": round(shared.before_mb, 1),
                "added_pss_mb": round(max(0.0, shared.peak_mb - shared.before_mb), 1),
                "added_rss_mb": round(max(0.0, resident.peak_mb - resident.before_mb), 1),
            }
        )
    return rows


@contextmanager
def _adding(system: System) -> Iterator[tuple[Added, Added]]:
    time.sleep(SETTLE_S)
    pid = system.processes["gateway"].pid
    looks: tuple[Callable[[], float], ...] = (lambda: memory_mb(pid), lambda: resident_mb(pid))
    found = tuple(Added(look()) for look in looks)
    with ExitStack() as stack:
        peaks = [stack.enter_context(watching(look, LOOK_EVERY_S)) for look in looks]
        yield found
    for added, peak in zip(found, peaks, strict=True):
        added.peak_mb = peak.mb


def _client(system: System) -> GatewayClient:
    return GatewayClient(system.base_url, limits=Limits(), check=system.check)


def _send_form(system: System, video: Path) -> str:
    with _client(system) as client:
        return str(client.create(video, options={}, on_sent=lambda _done, _size: None)["id"])


def _has_resumable(system: System) -> bool:
    answer = httpx.options(f"{system.base_url}/v1/uploads", trust_env=False, timeout=10.0)
    return "Tus-Version" in answer.headers


def _send_resumable(system: System, video: Path) -> str:
    """Upload with tus 1.0.0 in one request, then begin an analysis of it."""
    name = base64.b64encode(video.name.encode()).decode()
    size = str(video.stat().st_size)
    with httpx.Client(base_url=system.base_url, trust_env=False, timeout=TIMEOUT_S) as http:
        begin = {**TUS, "Upload-Length": size, "Upload-Metadata": f"filename {name}"}
        place = http.post("/v1/uploads", headers=begin).raise_for_status().headers["Location"]
        send = {**TUS, "Upload-Offset": "0", "Content-Length": size}
        send["Content-Type"] = "application/offset+octet-stream"
        http.patch(place, headers=send, content=_pieces(video)).raise_for_status()
        upload = {"upload": place.rpartition("/")[2], "title": video.name}
        return str(http.post("/v1/analyses", json=upload).raise_for_status().json()["id"])


def _pieces(video: Path) -> Iterator[bytes]:
    with video.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece
