"""A checkpoint's classes become ours, by the common spellings and by a label map."""

from __future__ import annotations

import json

import pytest

from training.emotions import LABELS
from training.voice.labels import KNOWN_WORDS, plan_labels, read_label_map

RAVDESS = ["angry", "calm", "disgust", "fearful", "happy", "neutral", "sad", "surprised"]


def test_every_label_knows_itself():
    assert [KNOWN_WORDS[label.lower()] for label in LABELS] == list(LABELS)


@pytest.mark.parametrize(
    ("classes", "labels"),
    [
        (["ang", "hap", "neu", "sad"], ("Anger", "Happy", "Neutral", "Sadness")),
        (["SAD", "ANGRY", "DISGUST", "FEAR"], ("Sadness", "Anger", "Disgust", "Fear")),
        (["happiness", "sur", "dis", "fea"], ("Happy", "Surprise", "Disgust", "Fear")),
        (["Fearful", "Surprised", "ps"], ("Fear", "Surprise")),
    ],
)
def test_common_spellings_are_known(classes, labels):
    assert plan_labels(classes).labels == labels


def test_classes_of_the_same_emotion_share_a_label():
    plan = plan_labels(RAVDESS)
    assert plan.labels == ("Anger", "Neutral", "Disgust", "Fear", "Happy", "Sadness", "Surprise")
    assert plan.columns == ((0,), (1, 5), (2,), (3,), (4,), (6,), (7,))
    assert not plan.is_identity


def test_classes_that_are_none_of_ours_are_dropped():
    plan = plan_labels(["angry", "other", "sad"])
    assert plan.dropped == ("other",)
    assert plan.columns == ((0,), (2,))
    assert not plan.is_identity


def test_a_label_map_comes_before_the_spellings_and_ignores_case():
    plan = plan_labels(["LABEL_0", "angry", "calm"], {"label_0": "sad", "Calm": "-"})
    assert plan.labels == ("Sadness", "Anger")
    assert plan.dropped == ("calm",)


def test_our_own_words_are_taken_as_they_are():
    assert plan_labels(LABELS).labels == LABELS
    assert plan_labels(LABELS).is_identity


@pytest.mark.parametrize(
    ("classes", "label_map", "message"),
    [
        (["LABEL_0", "LABEL_1"], None, "--label-map LABEL_0="),
        (["arousal", "dominance", "valence"], None, "fewer than two emotions"),
        (["angry", "fury"], {"fury": "anger"}, "fewer than two emotions"),
        (["angry", "sad"], {"angryy": "anger"}, "no classes of the checkpoint"),
        (["angry", "sad"], {"angry": "wrath"}, "'wrath' is none of Anger, "),
    ],
)
def test_what_would_be_a_guess_is_refused(classes, label_map, message):
    with pytest.raises(ValueError, match=message):
        plan_labels(classes, label_map)


def test_a_label_map_is_pairs_or_a_file(tmp_path):
    pairs = {"a": "anger", "other": ""}
    path = tmp_path / "map.json"
    path.write_text(json.dumps(pairs | {"other": None}), encoding="utf-8")
    assert read_label_map("a=anger, other=") == pairs
    assert read_label_map(str(path)) == pairs


@pytest.mark.parametrize("text", ["angry", "a=anger,b", ""])
def test_another_text_is_no_label_map(text):
    with pytest.raises(ValueError, match="expected angry=anger"):
        read_label_map(text)
