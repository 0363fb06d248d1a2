"""A video that is sent slowly is worked on while it comes, and its timeline is the usual one."""

from __future__ import annotations

import time

import av
import httpx
import pytest

from tests.client import analyze, wait
from tests.clips import Scene, write_clip
from tests.contract.tus_client import Tus, encoded

pytestmark = [pytest.mark.e2e, pytest.mark.model]

SCENES = [Scene(10, face=True), Scene(6, face=True, voice=True), Scene(6), Scene(8.4, voice=True)]
CHUNKS = 12
PAUSE_S = 0.5
SCORE_TOLERANCE = 2e-3
"""Between runs: batches differ, and so the order of additions."""


LAYOUTS = {
    "index.mp4": "faststart",
    "fragments.mp4": "frag_keyframe+empty_moov+default_base_moof+global_sidx",
    "nameless.mp4": "frag_keyframe+empty_moov+default_base_moof",
    "clusters.mkv": "",
}


@pytest.fixture(scope="module", params=LAYOUTS)
def video(request, tmp_path_factory):
    """30.4 s with an index in front, of all packets or of all fragments, or without any."""
    folder = tmp_path_factory.mktemp("early")
    whole, front = write_clip(folder / "plain.mp4", SCENES), folder / request.param
    flags = LAYOUTS[request.param]
    options = {"movflags": flags} if flags else {}
    with av.open(str(whole)) as source, av.open(str(front), "w", options=options) as target:
        streams = {one.index: target.add_stream_from_template(one) for one in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    return front


def test_it_is_analysed_while_it_comes(system, video):
    with httpx.Client(base_url=system.base_url, timeout=30) as http:
        url, first_s, last_s = send_slowly(http, video)
        assert first_s is not None
        assert wait(f"{system.base_url}{url}")["state"] == "SUCCEEDED"
        early = http.get(f"{url}/timeline").json()
    assert first_s < last_s - 2 * PAUSE_S
    assert_alike(early, analyze(system.base_url, video))


def send_slowly(http, video):
    """Upload a video; return where its analysis is, and when intervals and the last byte came."""
    data, start_s, url, first_s = video.read_bytes(), time.monotonic(), None, None
    path = Tus(http).created(len(data), upload_metadata=f"filename {encoded(video.name)}")
    step = -(-len(data) // CHUNKS)
    for offset in range(0, len(data), step):
        Tus(http).patch(path, data[offset : offset + step], offset)
        if url is None:
            wish = {"upload": path.rpartition("/")[2], "early": True}
            answer = http.post("/v1/analyses", json=wish)
            url = answer.headers.get("location")
            assert url or answer.json()["reason"] == "UPLOAD_NOT_FINISHED"
        time.sleep(PAUSE_S)
        if url and first_s is None and http.get(url).json()["progress"] > 0:
            first_s = time.monotonic() - start_s
    return url, first_s, time.monotonic() - start_s - PAUSE_S


def assert_alike(early, usual):
    """Compare two timelines but for the ids in them."""
    assert early["duration"] == usual["duration"]
    for one, other in zip(early["intervals"], usual["intervals"], strict=True):
        assert (one["emotion"], one["start"], one["end"], one["evidence"]) == (
            other["emotion"],
            other["start"],
            other["end"],
            other["evidence"],
        )
        assert one["scores"] == pytest.approx(other["scores"], abs=SCORE_TOLERANCE)
        assert one["face"]["frames"] == other["face"]["frames"]
        assert one["voice"]["speech"] == pytest.approx(other["voice"]["speech"], abs=0.01)
    assert len(early["people"]) == len(usual["people"])
