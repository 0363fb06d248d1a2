"""Videos worth sending slowly, and what a viewer sees of them on their way."""

from __future__ import annotations

import re
import struct
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import av

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

PADDING_BYTES = 8_000_000
GAP_BYTES = 500_000
FRAGMENTS = "frag_keyframe+empty_moov+default_base_moof+skip_trailer"
SLOW_BYTES_PER_S = 2_000_000
SHARE = "document.querySelector('.upload-row progress')?.value ?? 0"


def padded(video: Path, path: Path) -> Path:
    """Write a video with a box of 8 MB after it that players pass over."""
    box = struct.pack(">I4s", 8 + PADDING_BYTES, b"free") + bytes(PADDING_BYTES)
    path.write_bytes(video.read_bytes() + box)
    return path


def in_fragments(video: Path, path: Path) -> Path:
    """Write a video as recorders do, with a box before each fragment that players pass over."""
    data = _rewritten(video, path, FRAGMENTS).read_bytes()
    starts = [found.start() - 4 for found in re.finditer(b"moof", data)]
    box = struct.pack(">I4s", 8 + GAP_BYTES, b"free") + bytes(GAP_BYTES)
    pieces = [data[start:end] for start, end in pairwise([0, *starts, len(data)])]
    path.write_bytes(box.join(pieces))
    return path


def with_index_in_front(video: Path, path: Path) -> Path:
    """Write a video as it is written for the web."""
    return _rewritten(video, path, "faststart")


def _rewritten(video: Path, path: Path, flags: str) -> Path:
    options = {"movflags": flags}
    with av.open(str(video)) as source, av.open(str(path), "w", options=options) as to:
        streams = {one.index: to.add_stream_from_template(one) for one in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                to.mux(packet)
    return path


def slow(page: Page, bytes_per_s: int = SLOW_BYTES_PER_S) -> Callable[[], None]:
    """Let the page send no faster than that; return what ends this."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def throttle(bytes_per_s: int) -> None:
        conditions = {"offline": False, "latency": 0, "downloadThroughput": -1}
        session.send(
            "Network.emulateNetworkConditions", conditions | {"uploadThroughput": bytes_per_s}
        )

    throttle(bytes_per_s)
    return lambda: throttle(-1)


def row(page: Page, name: str) -> Any:
    """What the page tells of one upload."""
    return page.locator(".upload-row").filter(has=page.get_by_role("heading", name=name))
