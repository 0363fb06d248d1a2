"""Two face servers behind one client: how they share, and what the second one adds.

The second part is for face servers alone, since in the whole system other services may use up the
cores: each server gets one processor and one thread, and a client sends prepared frames.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotionmap.v1 import face_service_pb2 as pb
from emotionmap.v1 import face_service_pb2_grpc
from emotionmap_runtime.channel import open_channel

from tests.bench.cost import free_cores
from tests.bench.services import (
    address_of,
    await_loaded,
    face_server,
    free_ports,
    metrics_of,
    supervised,
    total,
)
from tests.bench.spread import gap_points
from training.detectors import read_frames

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emotionmap_cli.supervision import Child

    from tests.bench.services import Samples

AT_ONCE = 4
"""Streams in flight: enough for two servers of one thread."""
ROUNDS = 6
BATCH_FRAMES = 8
WARM_UPS = 20
LEAST_FREE_CORES = 1.6
"""Of two; the client, too, runs on them."""
FREE_OVER_S = 3.0
ONE_THREAD = {
    "EMOTIONMAP_FACE_THREADS": "1",
    "EMOTIONMAP_FACE_DETECT_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
# Before anything is loaded, so that libraries see one processor, too.
PINNED = (
    "import os, runpy, sys; os.sched_setaffinity(0, {int(sys.argv[1])}); sys.argv[:2] = [];"
    "runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)"
)


def shares(before: Mapping[str, Samples], after: Mapping[str, Samples]) -> dict[str, Any]:
    """Return how face servers shared segments and faces between two looks at their metrics."""
    row: dict[str, Any] = {"case": f"{len(after)} face servers"}
    counts = {"segments": _segments, "faces": _faces}
    for what, count in counts.items():
        done = {name: count(after[name]) - count(before[name]) for name in after}
        row |= {what: {name: round(each) for name, each in done.items()}}
        row |= {f"{what}_gap_points": round(gap_points(list(done.values())), 1)}
    return row


def second_adds(clip: Path) -> dict[str, Any] | None:
    """Measure one face server and two, of one processor each; None where there is only one.

    `has_room` tells whether cores were free for both: where others use them, a second server has
    nothing to run on.

    Args:
        clip: Its first seconds are what they search; every stream sends the same.
    """
    cpus = sorted(os.sched_getaffinity(0))[:2]
    if len(cpus) < 2:
        return None
    free = free_cores(FREE_OVER_S)
    with tempfile.TemporaryDirectory(prefix="emotionmap-bench-") as name:
        ports = free_ports(len(cpus))
        servers = [_pinned(Path(name), *pair) for pair in zip(cpus, ports, strict=True)]
        with supervised(servers):
            for port in ports:
                await_loaded(port)
            requests = _requests(clip)
            rates = {
                count: asyncio.run(_frames_per_s(servers[:count], ports[:count], requests))
                for count in (1, 2, 1, 2)  # the second time counts: both are warm
            }
    return {
        "case": "one processor each",
        "one_frames_per_s": round(rates[1], 1),
        "two_frames_per_s": round(rates[2], 1),
        "two_over_one": round(rates[2] / rates[1], 3),
        "free_cores": round(free, 2),
        "has_room": free >= LEAST_FREE_CORES,
    }


def _pinned(folder: Path, cpu: int, metrics_port: int) -> Child:
    child = face_server(f"face-on-{cpu}", folder, metrics_port)
    child.environment = {**child.environment, **ONE_THREAD}
    python, _, module, service = child.command
    child.command = [python, "-c", PINNED, str(cpu), module, service]
    return child


def _requests(clip: Path) -> list[pb.AnalyzeFramesRequest]:
    """Return the messages of one stream: what the gateway sends for a segment."""
    config = pb.AnalyzeFramesConfig(segment_id="bench")
    messages = [pb.AnalyzeFramesRequest(config=config)]
    for number, picture in enumerate(read_frames(clip)):
        if number % BATCH_FRAMES == 0:
            messages.append(pb.AnalyzeFramesRequest(frames={}))
        height, width = picture.gray.shape
        frame = messages[-1].frames.frames.add(width_px=width, height_px=height)
        frame.gray = picture.gray.tobytes()
        frame.time_offset.FromNanoseconds(picture.time_ns)
    return messages


async def _frames_per_s(
    servers: Sequence[Child], ports: Sequence[int], requests: Sequence[pb.AnalyzeFramesRequest]
) -> float:
    target = "ipv4:" + ",".join(address_of(server) for server in servers)
    frames = sum(len(request.frames.frames) for request in requests)
    async with open_channel(target) as channel:
        stub: Any = face_service_pb2_grpc.FaceServiceStub(channel)
        await _reach_all(stub, ports, requests)
        start_s = time.monotonic()
        workers = (_stream_often(stub, requests) for _ in range(AT_ONCE))
        await asyncio.gather(*workers)
        return AT_ONCE * ROUNDS * frames / (time.monotonic() - start_s)


async def _reach_all(
    stub: Any, ports: Sequence[int], requests: Sequence[pb.AnalyzeFramesRequest]
) -> None:
    """Send short streams until every server had one: connections are made one after the other.

    Raises:
        TimeoutError: One never gets any.
    """
    before = [_segments(metrics_of(port)) for port in ports]
    for _ in range(WARM_UPS):
        await _stream(stub, requests[:2])
        now = [_segments(metrics_of(port)) for port in ports]
        if all(after > then for after, then in zip(now, before, strict=True)):
            return
    raise TimeoutError("A face server gets no streams.")


async def _stream_often(stub: Any, requests: Sequence[pb.AnalyzeFramesRequest]) -> None:
    for _ in range(ROUNDS):
        await _stream(stub, requests)


async def _stream(stub: Any, requests: Sequence[pb.AnalyzeFramesRequest]) -> None:
    call = stub.AnalyzeFrames(iter(requests))
    answered = [len(answer.frames.frames) async for answer in call]
    sent = [len(request.frames.frames) for request in requests]
    assert sum(answered) == sum(sent), "a frame was not answered"


def _segments(samples: Samples) -> float:
    return total(samples, "em_requests_total", method="AnalyzeFrames")


def _faces(samples: Samples) -> float:
    return total(samples, "em_batch_size_sum")
