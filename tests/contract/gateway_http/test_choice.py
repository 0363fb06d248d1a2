"""A request may choose among models, detectors and ways to fuse, and among nothing else."""

from __future__ import annotations

import json

import jsonschema
import pytest
from emotionmap.v1 import face_service_pb2, fusion_service_pb2
from emotionmap_gateway.documents.timeline import SCHEMA

from tests.contract.gateway_script import MOODS
from tests.contract.gateway_system import VIDEO, wait_for

CHOICE = {
    "face_model": "other-face",
    "voice_model": "other-voice",
    "strategy": "reliability",
    "smoothing": 0.5,
    "hysteresis": 0.1,
}


def timeline_of(system, **options):
    analysis_id = system.finished(options=options)
    return system.http.get(f"/v1/analyses/{analysis_id}/timeline").json()


def configs(system, kind):
    return [config for config in system.script.configs if isinstance(config, kind)]


def test_what_is_chosen_comes_back(system):
    options = system.create(options=CHOICE).json()["options"]
    assert {key: options[key] for key in CHOICE} == CHOICE


def test_every_service_is_asked_for_what_was_chosen(system):
    system.finished(options=CHOICE)
    script = system.script.configs
    named = {config.model for config in script if hasattr(config, "model")}
    [summary] = configs(system, fusion_service_pb2.SummarizeTimelineConfig)
    assert named == {"other-face", "other-voice"}
    assert summary.options.strategy == fusion_service_pb2.FUSION_STRATEGY_RELIABILITY
    assert (summary.options.smoothing, summary.options.hysteresis) == (0.5, 0.1)
    assert len(summary.segments) == 3


def test_the_timeline_records_what_made_it(system):
    timeline = timeline_of(system, **CHOICE)
    jsonschema.Draft202012Validator(SCHEMA).validate(timeline)
    assert timeline["models"]["face"]["name"] == "other-face"
    assert timeline["models"]["audio"]["sha256"] == "d" * 64
    assert {key: timeline["options"][key] for key in CHOICE} == CHOICE
    assert timeline["options"]["detector"] == "haar"


def test_without_a_choice_the_defaults_are_used_and_named(system):
    timeline = timeline_of(system)
    assert timeline["models"]["face"]["name"] == "fake-face"
    assert timeline["options"]["face_model"] is None
    assert timeline["options"]["strategy"] == "weighted_mean"
    assert {config.model for config in configs(system, face_service_pb2.AnalyzeFramesConfig)} == {
        ""
    }


def test_smoothed_decisions_are_those_of_the_timeline(system):
    timeline = timeline_of(system, smoothing=0.5)
    moods = {"Fear": 0, "Unsure": 0}
    for interval in timeline["intervals"]:
        moods[interval["emotion"]] += 1
        expected = (0.75, 1.0) if interval["scores"] else (0.0, None)
        fear = interval["scores"]["Fear"] if interval["scores"] else None
        assert (interval["confidence"], fear) == expected
    assert moods["Unsure"] == sum(not MOODS[second // 2 % len(MOODS)] for second in range(9))


def test_without_smoothing_decisions_stay_as_they_were(system):
    assert {i["emotion"] for i in timeline_of(system)["intervals"]} == {
        "Happy",
        "Sadness",
        "Unsure",
    }


@pytest.mark.parametrize(
    ("options", "known"),
    [
        ({"face_model": "none"}, "fake-face, other-face"),
        ({"voice_model": "none"}, "fake-voice, other-voice"),
        ({"detector": "yunet"}, "haar"),
        ({"detector": "deepface"}, "haar"),
    ],
)
@pytest.mark.parametrize("first", ["options", "file"])
def test_what_no_service_has_is_refused_naming_what_there_is(system, options, known, first):
    files = system.files()
    fields = [("options", (None, json.dumps(options))), ("file", ("a.mp4", VIDEO))]
    response = system.http.post("/v1/analyses", files=fields[:: 1 if first == "options" else -1])
    problem = response.json()
    assert (response.status_code, problem["reason"]) == (400, "OPTIONS_INVALID")
    assert problem["metadata"]["key"] in options
    assert problem["detail"].endswith(f"there are: {known}.")
    assert system.files() == files
    assert system.script.count("ProbeMedia") == 0


@pytest.mark.parametrize(("service", "key"), [("face", "face_model"), ("audio", "voice_model")])
def test_a_choice_needs_its_service_to_be_there(system, service, key):
    system.services[service].kill()
    try:
        response = system.create(options={key: "x"})
    finally:
        system.services[service].start()
    assert (response.status_code, response.json()["reason"]) == (503, "SERVICE_UNAVAILABLE")
    wait_for(lambda: system.http.get("/readyz").status_code == 200)


def test_without_a_choice_no_service_is_asked(system):
    system.created()
    assert system.script.count("GetFaceModel") == system.script.count("GetVoiceModel") == 0


@pytest.mark.parametrize(
    ("key", "name"), [("face_model", "other-face"), ("voice_model", "other-voice")]
)
def test_a_model_that_is_removed_meanwhile_fails_the_analysis_at_once(system, key, name):
    system.script.gate.clear()
    system.script.duration_s = 18  # six segments, of which two are worked on at once
    analysis_id = system.created(options={key: name})
    wait_for(lambda: system.http.get(f"/v1/analyses/{analysis_id}").json()["progress"] > 0)
    system.script.removed.add(name)
    system.script.configs.clear()
    system.script.gate.set()
    body = system.wait(f"/v1/analyses/{analysis_id}")
    assert (body["state"], body["failure"]["reason"]) == ("FAILED", "MODEL_UNAVAILABLE")
    refused = [config for config in system.script.configs if getattr(config, "model", "") == name]
    assert 1 <= len(refused) <= 2  # of two segments at most, and neither was tried again
