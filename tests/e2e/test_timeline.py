"""A real face and a voice go in; the right timeline comes out, the same over every door."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import grpc
import httpx
import jsonschema
import pytest
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import analysis_service_pb2_grpc as pb_grpc
from emotionmap.v1 import emotion_pb2

from tests.client import analyze, create, seconds, wait

pytestmark = [pytest.mark.e2e, pytest.mark.model]

SCORE_TOLERANCE = 2e-3
"""Between runs: batches differ, and so the order of additions; scores are rounded to 1e-4."""


@pytest.fixture(scope="module")
def timeline(system, astronaut_video):
    return analyze(system.base_url, astronaut_video)


def test_timeline_fulfils_its_published_schema(system, timeline) -> None:
    schema = httpx.get(f"{system.base_url}/v1/schemas/timeline").json()
    jsonschema.Draft202012Validator(schema).validate(timeline)
    assert timeline["schema"] == "emotionmap.timeline/1"


def test_intervals_cover_the_video_to_its_last_partial_second(timeline) -> None:
    starts = [i["start"] for i in timeline["intervals"]]
    assert starts == [float(n) for n in range(17)]
    assert timeline["duration"] == pytest.approx(16.4, abs=0.05)
    assert timeline["intervals"][-1]["end"] == timeline["duration"]


def test_a_smiling_face_is_happy(timeline) -> None:
    for interval in seconds(timeline, 0, 4):
        assert (interval["emotion"], interval["evidence"]) == ("Happy", "face")
        assert interval["face"]["frames"] >= 14
        assert interval["face"]["faces"] >= 0.8 * interval["face"]["frames"]


def test_without_face_and_voice_there_is_no_evidence(timeline) -> None:
    for interval in seconds(timeline, 4, 8):
        assert (interval["emotion"], interval["evidence"]) == ("Unsure", "none")
        assert interval["scores"] is None
        assert interval["face"]["faces"] == 0
        assert interval["voice"]["speech"] < 0.2


def test_face_and_voice_are_fused(timeline) -> None:
    middle = seconds(timeline, 9, 11)
    assert {i["evidence"] for i in middle} == {"both"}
    for i in middle:
        for word, fused in i["scores"].items():
            expected = 0.55 * i["face"]["scores"][word] + 0.45 * i["voice"]["scores"][word]
            assert fused == pytest.approx(expected, abs=SCORE_TOLERANCE)


def test_a_voice_alone_decides_alone(timeline) -> None:
    middle = seconds(timeline, 13, 16)
    assert {i["evidence"] for i in middle} == {"voice"}
    assert all(i["scores"] == i["voice"]["scores"] for i in middle)


def test_analytics_add_up(timeline) -> None:
    analytics = timeline["analytics"]
    assert sum(analytics["seconds"].values()) == pytest.approx(timeline["duration"], abs=0.01)
    assert sum(analytics["share"].values()) == pytest.approx(1, abs=0.01)
    assert analytics["top"][0] == "Happy"
    assert 0 <= analytics["volatility"] <= 1


def test_one_person_is_seen_and_has_a_picture(system, timeline) -> None:
    assert timeline["people"]
    person = timeline["people"][0]
    assert {i["emotion"] for i in person["intervals"]} == {"Happy"}
    picture = httpx.get(f"{system.base_url}{person['thumbnail']}", timeout=30)
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.content.startswith(b"\xff\xd8")


def test_timeline_names_the_weights_it_was_made_with(timeline) -> None:
    services = Path(__file__).parents[2] / "services"
    for service in ("face", "audio"):
        weights = services / service / f"emotionmap_{service}/weights/manifest.json"
        manifest = json.loads(weights.read_text())
        assert timeline["models"][service]["sha256"] == manifest["sha256"]


def test_csv_has_one_row_per_interval(system, timeline) -> None:
    job = httpx.get(f"{system.base_url}/v1/analyses?limit=1").json()["analyses"][0]
    url = f"{system.base_url}/v1/analyses/{job['id']}/timeline?format=csv"
    rows = list(csv.DictReader(io.StringIO(httpx.get(url).text)))
    assert [row["emotion"] for row in rows] == [i["emotion"] for i in timeline["intervals"]]


async def test_grpc_gives_the_same_timeline(system, astronaut_video, timeline) -> None:
    async def upload():
        yield pb.CreateAnalysisRequest(config=pb.CreateAnalysisConfig(title="astronaut.mp4"))
        data = astronaut_video.read_bytes()
        for start in range(0, len(data), 1 << 16):
            yield pb.CreateAnalysisRequest(chunk=data[start : start + (1 << 16)])

    async with grpc.aio.insecure_channel(system.grpc_target) as channel:
        stub = pb_grpc.AnalysisServiceStub(channel)
        created = (await stub.CreateAnalysis(upload(), timeout=60)).analysis
        request = pb.WatchAnalysisRequest(id=created.id)
        events = [event async for event in stub.WatchAnalysis(request, timeout=240)]
        answer = await stub.GetTimeline(pb.GetTimelineRequest(id=created.id), timeout=10)
    assert events[-1].analysis.state == pb.JOB_STATE_SUCCEEDED
    assert sum(len(e.intervals.intervals) for e in events) == len(timeline["intervals"])
    words = [emotion_pb2.Emotion.Name(i.emotion)[8:].title() for i in answer.timeline.intervals]
    assert [w.replace("Unspecified", "Unsure") for w in words] == [
        i["emotion"] for i in timeline["intervals"]
    ]


def test_command_gives_the_same_timeline(astronaut_video, timeline, tmp_path) -> None:
    out = tmp_path / "timeline.json"
    command = [Path(sys.executable).with_name("emotionmap"), "analyze", astronaut_video]
    done = subprocess.run(
        [*command, "--out", out],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(out.read_text())
    assert [i["emotion"] for i in document["intervals"]] == [
        i["emotion"] for i in timeline["intervals"]
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["timeline.json"]


def test_highlights_last_as_long_as_the_chosen_emotion(system, astronaut_video, tmp_path) -> None:
    import av

    created = create(system.base_url, astronaut_video).json()
    url = f"{system.base_url}/v1/analyses/{created['id']}"
    wait(url)
    expected_s = httpx.get(f"{url}/timeline").json()["analytics"]["seconds"]["Happy"]
    export = httpx.post(f"{url}/highlights", json={"emotions": ["Happy"]}).raise_for_status()
    done = wait(f"{system.base_url}{export.headers['location']}")
    assert done["state"] == "SUCCEEDED"
    file = httpx.get(f"{system.base_url}{export.headers['location']}/file")
    assert "EmotionMap_Highlights.mp4" in file.headers["content-disposition"]
    (tmp_path / "cut.mp4").write_bytes(file.content)
    with av.open(str(tmp_path / "cut.mp4")) as cut:
        assert cut.duration / av.time_base == pytest.approx(expected_s, abs=0.2)
        assert {s.type for s in cut.streams} == {"video", "audio"}
