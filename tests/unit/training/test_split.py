"""A speaker is learned from, watched or judged, never two of them."""

from __future__ import annotations

import pytest

from training.voice.split import (
    TEST_SPEAKERS,
    VALIDATION_SPEAKERS,
    Part,
    is_known_set,
    is_speech_set,
    part_of,
)

SPEAKERS = {
    "ravdess": [f"ravdess-{number:02d}" for number in range(1, 25)],
    "nemo": [f"nemo-{name}" for name in ("EB0", "IC0", "KS0", "MK0", "MP0", "SM0", "WR0")],
    "emodb": [f"emodb-{number:02d}" for number in (3, 8, 9, 10, 11, 12, 13, 14, 15, 16)],
    "cremad": [f"cremad-{number}" for number in range(1001, 1092)],
    "emogator": [f"emogator-{number:06d}" for number in range(1, 301)],
}
FEWEST_TEST_SPEAKERS = {"ravdess": 4, "nemo": 2, "emodb": 2, "cremad": 15, "emogator": 30}


def test_named_speakers_are_disjoint():
    assert not TEST_SPEAKERS & VALIDATION_SPEAKERS


@pytest.mark.parametrize("dataset", SPEAKERS)
def test_each_set_has_enough_speakers_in_every_part(dataset):
    parts = [part_of(dataset, speaker) for speaker in SPEAKERS[dataset]]
    assert parts.count(Part.TEST) >= FEWEST_TEST_SPEAKERS[dataset]
    assert parts.count(Part.VALIDATION) >= 1
    assert parts.count(Part.TRAIN) > len(parts) / 2


def test_every_named_speaker_exists():
    everyone = {speaker for speakers in SPEAKERS.values() for speaker in speakers}
    assert everyone >= TEST_SPEAKERS | VALIDATION_SPEAKERS


def test_speakers_of_an_unknown_set_are_judged():
    assert part_of("somebody", "ravdess-01") is Part.TEST
    assert not is_known_set("somebody")


def test_a_crema_speaker_without_a_number_is_not_trained_on():
    assert part_of("cremad", "cremad-unknown") is Part.TEST


def test_bursts_are_not_speech():
    assert not is_speech_set("emogator")
    assert is_speech_set("cremad")
