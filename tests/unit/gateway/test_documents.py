"""A timeline as JSON, CSV and WebVTT, and the schema that the JSON keeps to."""

from __future__ import annotations

import csv
import io
import json

import pytest
from emotionmap.v1 import emotion_pb2, timeline_pb2
from emotionmap_gateway.documents import timeline as documents
from emotionmap_gateway.documents import words
from emotionmap_gateway.documents.timeline_rows import to_csv, to_vtt
from emotionmap_gateway.documents.timeline_text import timeline_text
from google.protobuf.duration_pb2 import Duration
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

SUM_TOLERANCE = 1e-3  # what the schema promises of rounded scores
VALIDATOR = Draft202012Validator(documents.SCHEMA)
HAPPY, SAD = emotion_pb2.EMOTION_HAPPY, emotion_pb2.EMOTION_SADNESS
UNSURE = emotion_pb2.EMOTION_UNSPECIFIED
OPTIONS = {"detector": "haar", "strategy": "reliability", "interval": 1.0}
NOTICE = "AI-estimated apparent expression, not felt emotion."


def seconds(value):
    duration = Duration()
    duration.FromNanoseconds(round(value * 1e9))
    return duration


def time_range(start_s, end_s):
    return emotion_pb2.TimeRange(start_offset=seconds(start_s), end_offset=seconds(end_s))


def scores(best):
    values = [0.1 / 6] * 7
    values[best - 1] = 0.9
    return emotion_pb2.EmotionDistribution(probabilities=values)


def interval(start_s, end_s, emotion=HAPPY, **fields):
    if emotion:
        fields = {
            "confidence": 0.9,
            "evidence": emotion_pb2.EVIDENCE_FACE,
            "scores": scores(emotion),
            "face": timeline_pb2.FaceEvidence(
                frames=15, faces=15, quality=0.81234, scores=scores(emotion)
            ),
        } | fields
    return timeline_pb2.Interval(range=time_range(start_s, end_s), emotion=emotion, **fields)


def person(offset_s=0.5004):
    box = emotion_pb2.BoundingBox(left=0.1, top=0.25, right=0.5, bottom=0.75)
    return timeline_pb2.Person(
        id="p1",
        intervals=[
            timeline_pb2.PersonInterval(range=time_range(0, 1), emotion=HAPPY, confidence=0.9)
        ],
        thumbnail_offset=seconds(offset_s),
        thumbnail_box=box,
    )


def timeline(*intervals, **fields):
    fields = {
        "title": "clip.mp4",
        "media": timeline_pb2.MediaInfo(
            duration=seconds(2.4),
            frame_rate=timeline_pb2.Rational(numerator=24000, denominator=1001),
            has_video=True,
        ),
        "interval": seconds(1),
        "people": [person()],
        "analytics": timeline_pb2.Analytics(
            shares=[timeline_pb2.EmotionShare(emotion=HAPPY, seconds=2, share=2 / 2.4)],
            top=[HAPPY],
            longest_streak=timeline_pb2.Streak(emotion=HAPPY, range=time_range(0, 2)),
            average_run_s=2,
        ),
        "face_model": emotion_pb2.ModelInfo(name="faces", version="1", sha256="ab", licence="MIT"),
        "notice": NOTICE,
    } | fields
    return timeline_pb2.Timeline(intervals=intervals, **fields)


def to_json(made, *, analysis_id):
    return documents.to_json(made, analysis_id=analysis_id, options=OPTIONS)


THREE = (interval(0, 1), interval(1, 2), interval(2, 2.4, UNSURE))


def test_json_keeps_to_the_schema() -> None:
    document = to_json(timeline(*THREE), analysis_id="abc")
    VALIDATOR.validate(json.loads(json.dumps(document)))
    assert document["schema"] == "emotionmap.timeline/1"
    assert (document["duration"], document["fps"]) == (2.4, "24000/1001")
    assert document["models"] == {
        "face": {"name": "faces", "version": "1", "sha256": "ab", "licence": "MIT"},
        "audio": None,
    }
    assert document["options"] == OPTIONS


@pytest.mark.parametrize("intervals", [(), THREE[:1], THREE])
def test_the_text_is_that_of_the_document(intervals) -> None:
    made = timeline(*intervals, title='\u017c "intervals":[]')
    text = timeline_text(made, analysis_id="abc", options=OPTIONS)
    document = to_json(made, analysis_id="abc")
    assert text.decode() == json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def test_the_schema_itself_is_valid_and_strict() -> None:
    Draft202012Validator.check_schema(documents.SCHEMA)
    document = to_json(timeline(*THREE), analysis_id="abc")
    assert set(document) == set(documents.SCHEMA["properties"])
    for key in set(document) - {"options"}:  # which timelines of earlier versions lack
        assert not VALIDATOR.is_valid({k: v for k, v in document.items() if k != key}), key


@pytest.mark.parametrize(
    "path",
    [("intervals", 0, "scores", "Joy"), ("analytics", "seconds", "Joy")],
)
def test_the_schema_knows_the_words(path) -> None:
    document = to_json(timeline(*THREE), analysis_id="abc")
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = 0.5
    assert not VALIDATOR.is_valid(document)


def test_an_interval_in_json() -> None:
    document = documents.interval_to_json(THREE[0])
    assert document["face"]["quality"] == 0.8123
    assert document["scores"]["Happy"] == 0.9
    assert document["scores"]["Anger"] == 0.0167
    assert document["voice"] == {"speech": 0.0, "scores": None}
    assert (document["emotion"], document["evidence"]) == ("Happy", "face")


def test_unsure_without_evidence_has_no_scores() -> None:
    document = documents.interval_to_json(THREE[2])
    assert (document["emotion"], document["evidence"]) == ("Unsure", "none")
    assert (document["confidence"], document["scores"]) == (0.0, None)


def test_an_emotion_of_the_future_is_unsure() -> None:
    assert documents.interval_to_json(interval(0, 1, UNSURE, confidence=1.0))["emotion"] == "Unsure"
    assert words.emotion_word(99) == "Unsure"


def test_words_go_both_ways() -> None:
    assert {words.emotion_of(word): word for word in words.EMOTION_WORDS.values()} == dict(
        words.EMOTION_WORDS
    )
    assert words.emotion_of("Joy") is None
    assert set(words.EMOTION_WORDS) == set(emotion_pb2.Emotion.values())


@given(st.lists(st.floats(0.001, 1), min_size=7, max_size=7))
def test_rounded_scores_stay_a_distribution(raw) -> None:
    values = [value / sum(raw) for value in raw]
    found = documents.interval_to_json(
        interval(0, 1, scores=emotion_pb2.EmotionDistribution(probabilities=values))
    )["scores"]
    assert sum(found.values()) == pytest.approx(1, abs=SUM_TOLERANCE)


def test_analytics_name_every_emotion() -> None:
    found = to_json(timeline(*THREE), analysis_id=None)["analytics"]
    assert list(found["seconds"]) == list(found["share"]) == list(words.EMOTION_WORDS.values())
    assert (found["seconds"]["Happy"], found["share"]["Happy"]) == (2.0, 0.8333)
    assert found["seconds"]["Unsure"] == 0.0
    assert found["longest_streak"] == {"emotion": "Happy", "start": 0.0, "end": 2.0}


def test_no_streak_is_null() -> None:
    document = to_json(timeline(*THREE, analytics=timeline_pb2.Analytics()), analysis_id=None)
    assert document["analytics"]["longest_streak"] is None
    VALIDATOR.validate(document)


def test_a_thumbnail_shows_the_face_with_a_margin() -> None:
    """0.1 and 0.125 are a quarter of the box; edges stay within the picture."""
    [found] = to_json(timeline(*THREE), analysis_id="abc")["people"]
    path = "/v1/analyses/abc/thumbnails?t=0.5&crop=0.0000,0.1250,0.6000,0.8750"
    assert found["thumbnail"] == path


def track(confidence, left):
    box = emotion_pb2.BoundingBox(left=left, top=0.2, right=left + 0.1, bottom=0.4)
    mean = [(1 - confidence) / 6] * 7
    mean[HAPPY - 1] = confidence
    return timeline_pb2.TrackEvidence(
        track_id=f"t{left}",
        scores=emotion_pb2.EmotionDistribution(probabilities=mean),
        first_box=box,
        last_box=box,
    )


def test_a_person_has_the_boxes_of_the_track_with_the_same_confidence() -> None:
    made = timeline(interval(0, 1, tracks=[track(0.7, 0.1), track(0.9, 0.6)]))
    document = to_json(made, analysis_id=None)
    [seen] = document["people"][0]["intervals"]
    assert seen["first_box"] == seen["last_box"] == [0.6, 0.2, 0.7, 0.4]
    VALIDATOR.validate(document)


def test_a_person_whose_track_is_not_told_apart_has_no_box() -> None:
    made = timeline(interval(0, 1, tracks=[track(0.7, 0.1)]))
    [seen] = to_json(made, analysis_id=None)["people"][0]["intervals"]
    assert "first_box" not in seen


def test_a_thumbnail_is_never_asked_for_later_than_it_is() -> None:
    [found] = to_json(timeline(people=[person(2.3996)]), analysis_id="a")["people"]
    assert "t=2.399&" in found["thumbnail"]


def test_without_an_analysis_there_are_no_thumbnails() -> None:
    document = to_json(timeline(*THREE), analysis_id=None)
    assert document["people"][0]["thumbnail"] is None
    VALIDATOR.validate(document)


def rows(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_has_one_row_per_interval_and_all_scores() -> None:
    found = rows(to_csv(timeline(*THREE)))
    assert [row["emotion"] for row in found] == ["Happy", "Happy", "Unsure"]
    assert [row["start"] for row in found] == ["0.0", "1.0", "2.0"]
    for prefix in ("score", "face"):
        for word in words.SCORED_WORDS:
            assert found[0][f"{prefix}_{word}"] == ("0.9" if word == "Happy" else "0.0167")
            assert found[2][f"{prefix}_{word}"] == ""
    assert found[0]["notice"] == NOTICE
    assert found[0]["face_model"] == "faces 1"


def test_csv_of_nothing_is_a_header() -> None:
    assert to_csv(timeline()).count("\r\n") == 1


@pytest.mark.parametrize(
    "title", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\n=cmd|' /C calc'!A0", "\uff1d1"]
)
def test_csv_holds_no_formula(title) -> None:
    [row] = rows(to_csv(timeline(interval(0, 1), title=title)))
    assert row["title"].startswith("'")
    assert None not in row


@given(st.text())
def test_csv_cells_survive_any_title(title) -> None:
    found = rows(to_csv(timeline(*THREE, title=title.encode(errors="ignore").decode())))
    assert [row["end"] for row in found] == ["1.0", "2.0", "2.4"]
    assert all(row["notice"] == NOTICE for row in found)


def test_vtt_has_one_cue_per_run() -> None:
    text = to_vtt(timeline(*THREE, interval(3600, 3661.0005, SAD, confidence=0.5)))
    header, *_, first, unsure, sad = text.rstrip("\n").split("\n\n")
    assert header == "WEBVTT"
    assert first == "1\n00:00:00.000 --> 00:00:02.000\nHappy 90%"
    assert unsure == "2\n00:00:02.000 --> 00:00:02.400\nUnsure 0%"
    assert sad == "3\n01:00:00.000 --> 01:01:01.001\nSadness 50%"
    assert f"NOTE {NOTICE}" in text


def test_vtt_confidence_is_weighed_by_length() -> None:
    pair = interval(0, 1, confidence=0.9), interval(1, 1.5, confidence=0.6)
    assert to_vtt(timeline(*pair)).endswith("Happy 80%\n")


def test_vtt_has_no_cue_without_length() -> None:
    assert "-->" not in to_vtt(timeline(interval(1, 1.0004)))


@given(st.text())
def test_no_title_makes_a_cue(title) -> None:
    title = title.encode(errors="ignore").decode()
    blocks = to_vtt(timeline(interval(0, 1), title=f"a --> b{title}\n\n00:00")).split("\n\n")
    assert blocks[0] == "WEBVTT"
    assert sum("-->" in block for block in blocks) == 1
    assert all(block.startswith("NOTE ") for block in blocks[1:-1])
