"""Bad input gets one clear typed error at every door, leaves nothing, and harms no service."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import av
import grpc
import httpx
import pytest
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import analysis_service_pb2_grpc as pb_grpc
from emotionmap_runtime.errors import from_rpc_error

from tests.client import create

pytestmark = pytest.mark.e2e

TOO_LARGE_BYTES = 500_000_001


def empty(path: Path, clip: Path) -> None:
    path.write_bytes(b"")


def truncated(path: Path, clip: Path) -> None:
    path.write_bytes(clip.read_bytes()[:600])  # before the index of the file


def text(path: Path, clip: Path) -> None:
    path.write_text("This is not a video.\n" * 200)


def no_streams(path: Path, clip: Path) -> None:
    box = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2"
    mvhd = b"\x00\x00\x00\x6cmvhd" + bytes(12) + b"\x00\x00\x03\xe8" + bytes(84)
    path.write_bytes(box + (8 + len(mvhd)).to_bytes(4, "big") + b"moov" + mvhd)


def zero_length(path: Path, clip: Path) -> None:
    with av.open(str(path), "w", format="wav") as out:
        out.add_stream("pcm_s16le", rate=16_000, layout="mono")
        out.start_encoding()


def too_large(path: Path, clip: Path) -> None:
    with path.open("wb") as file:
        file.truncate(TOO_LARGE_BYTES)  # sparse


CASES = {
    empty: {"MEDIA_EMPTY"},
    truncated: {"MEDIA_UNREADABLE"},
    text: {"MEDIA_UNREADABLE"},
    no_streams: {"MEDIA_NO_STREAMS", "MEDIA_UNREADABLE"},
    zero_length: {"MEDIA_ZERO_LENGTH"},
    too_large: {"MEDIA_TOO_LARGE"},
}


@pytest.fixture(params=CASES, ids=lambda make: make.__name__)
def bad(request, tmp_path, astronaut_video):
    path = tmp_path / "bad.mp4"
    request.param(path, astronaut_video)
    return path, CASES[request.param]


@pytest.fixture(autouse=True)
def nothing_left(system):
    """Whatever a test sends: no analysis, no file and no dead service is left."""

    def state():
        objects = sorted(str(p) for p in (system.data_dir / "objects").rglob("*") if p.is_file())
        jobs = [a["id"] for a in httpx.get(f"{system.base_url}/v1/analyses").json()["analyses"]]
        return objects, jobs, {name: p.pid for name, p in system.processes.items()}

    before = state()
    yield
    assert state() == before
    assert httpx.get(f"{system.base_url}/readyz").status_code == 200


def test_http_answers_with_a_problem(system, bad) -> None:
    path, reasons = bad
    try:
        response = create(system.base_url, path)
    except httpx.TransportError:
        # The gateway may close on a body that is too large before it is sent whole.
        assert reasons == {"MEDIA_TOO_LARGE"}
        return
    problem = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["reason"] in reasons
    assert response.status_code == problem["status"] in {400, 413}
    assert problem["detail"].endswith(".")


async def test_grpc_answers_with_a_rich_status(system, bad) -> None:
    path, reasons = bad

    async def upload():
        yield pb.CreateAnalysisRequest(config=pb.CreateAnalysisConfig(title="bad.mp4"))
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                yield pb.CreateAnalysisRequest(chunk=chunk)

    async with grpc.aio.insecure_channel(system.grpc_target) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await pb_grpc.AnalysisServiceStub(channel).CreateAnalysis(upload(), timeout=60)
    assert from_rpc_error(caught.value).reason in reasons


def test_command_exits_with_2_and_one_line(system, bad, tmp_path) -> None:
    path, _ = bad
    command = [Path(sys.executable).with_name("emotionmap"), "analyze", path]
    done = subprocess.run(
        [*command, "--server", system.base_url],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if "rror" in line]
    assert len(lines) == 1, done.stderr
