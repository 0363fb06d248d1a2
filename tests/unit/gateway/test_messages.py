"""Analyses, exports and models as JSON."""

from __future__ import annotations

import json

from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import emotion_pb2, timeline_pb2
from emotionmap_gateway.documents import messages
from emotionmap_gateway.documents.options import options_to_json
from google.protobuf.duration_pb2 import Duration


def analysis(**fields):
    media = timeline_pb2.MediaInfo(
        duration=Duration(seconds=19, nanos=700_400_000), width_px=1280, height_px=720
    )
    created = pb.Analysis(
        id="a1", title="clip.mp4", progress=0.33333334, media=media, size_bytes=5, **fields
    )
    created.create_time.FromJsonString("2026-01-02T03:04:05Z")
    created.update_time.FromJsonString("2026-01-02T03:04:06.5Z")
    return created


def test_an_analysis_in_json() -> None:
    found = messages.analysis_to_json(analysis(state=pb.JOB_STATE_RUNNING))
    assert (found["state"], found["progress"], found["failure"]) == ("RUNNING", 0.3333, None)
    assert found["created_at"] == "2026-01-02T03:04:05Z"
    assert found["media"]["duration"] == 19.7
    assert found["media"]["fps"] is None
    assert found["options"] == options_to_json(pb.AnalysisOptions())
    json.dumps(found, allow_nan=False)


def test_a_failure_in_json() -> None:
    failure = pb.Failure(reason="DECODE_TIMEOUT", message="It took too long.", code=4)
    found = messages.analysis_to_json(analysis(state=pb.JOB_STATE_FAILED, failure=failure))
    assert found["failure"] == {"reason": "DECODE_TIMEOUT", "message": "It took too long."}


def test_every_state_has_a_word() -> None:
    assert set(messages.STATE_WORDS) == set(pb.JobState.values()) - {pb.JOB_STATE_UNSPECIFIED}


def test_an_export_in_json() -> None:
    export = pb.Export(
        id="e1", analysis_id="a1", state=pb.JOB_STATE_SUCCEEDED, duration=Duration(seconds=3)
    )
    found = messages.export_to_json(export)
    assert (found["id"], found["analysis_id"], found["state"]) == ("e1", "a1", "SUCCEEDED")
    assert found["duration"] == 3.0


def test_a_model_in_json() -> None:
    model = emotion_pb2.ModelInfo(
        name="voice", emotions=[emotion_pb2.EMOTION_ANGER], metrics={"b": 1.0, "a": 0.5}
    )
    found = messages.model_to_json(model)
    assert found["labels"] == ["Anger"]
    assert list(found["metrics"].items()) == [("a", 0.5), ("b", 1.0)]
