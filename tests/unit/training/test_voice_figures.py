"""Figures by set, gender and language, against small computations by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.unit.training.made_up import weights_of, write_speech
from training.emotions import LABELS
from training.voice.evaluate import clip_probabilities, judge_speech, score_intervals, trimmed
from training.voice.figures import Judged, speech_figures
from training.voice.prepare import Clip
from training.voice.speakers import MEN, UNKNOWN, WOMEN, gender_of, trained_on

ANGER, FEAR, SADNESS = (LABELS.index(name) for name in ("Anger", "Fear", "Sadness"))


def clip(dataset, speaker, emotion, language="en"):
    return Clip(dataset, f"{dataset}-{speaker}", emotion, Path(f"{speaker}.wav"), language)


def judged(rows, *, learned=("ravdess", "nemo", "emodb", "emogator"), temperature=1.0):
    """Clips with what was found; each has one interval that says so with nine tenths."""
    clips, found = zip(*rows, strict=True)
    logs = np.log(np.where(np.eye(7)[list(found)] > 0, 0.9, 0.1 / 6))
    return Judged(
        clips=clips,
        logs=logs,
        interval_clip=np.arange(len(clips)),
        interval_logs=logs,
        temperature=temperature,
        trained_on=frozenset(learned),
    )


@pytest.mark.parametrize(
    ("dataset", "speaker", "gender"),
    [
        ("ravdess", "ravdess-17", MEN),
        ("ravdess", "ravdess-18", WOMEN),
        ("emodb", "emodb-03", MEN),
        ("emodb", "emodb-14", WOMEN),
        ("nemo", "nemo-EB0", WOMEN),
        ("nemo", "nemo-WR0", MEN),
        ("emogator", "emogator-000001", UNKNOWN),
        ("mine", "mine-3", UNKNOWN),
    ],
)
def test_gender_is_what_the_set_documents(dataset, speaker, gender):
    assert gender_of(dataset, speaker) == gender


def test_the_manifest_says_what_was_learned_from():
    assert trained_on({"trained_on": ["emodb"], "data": ["nEMO"]}) == {"emodb"}
    assert trained_on({"data": ["CREMA-D, ODbL", "EmoDB, free"]}) == {"cremad", "emodb"}
    assert trained_on({"data": ["somewhere"]}) >= {"ravdess", "nemo", "emogator"}


def test_genders_are_compared_within_sets_that_have_both():
    rows = [
        (clip("ravdess", "18", ANGER), ANGER),
        (clip("ravdess", "18", FEAR), FEAR),
        (clip("ravdess", "17", ANGER), ANGER),
        (clip("ravdess", "17", FEAR), ANGER),
        (clip("nemo", "WR0", ANGER, "pl"), FEAR),
    ]
    figures = speech_figures(judged(rows), name="voice", all_speakers=False)
    assert figures["voice_uar_ravdess_women"] == figures["voice_uar_women"] == 1
    assert figures["voice_uar_ravdess_men"] == figures["voice_uar_men"] == 0.5
    assert figures["voice_uar_nemo_men"] == 0
    assert "voice_uar_nemo_women" not in figures


def test_languages_pool_the_sets_that_speak_them():
    rows = [
        (clip("ravdess", "17", ANGER), ANGER),
        (clip("mine", "a", ANGER), FEAR),
        (clip("nemo", "WR0", FEAR, "pl"), FEAR),
    ]
    figures = speech_figures(judged(rows), name="voice", all_speakers=False)
    assert figures["voice_uar_language_en"] == 0.5
    assert figures["voice_clips_language_en"] == 2
    assert figures["voice_uar_language_pl"] == 1


def test_the_mean_counts_each_set_once():
    rows = [(clip("ravdess", "17", ANGER), ANGER)] * 9 + [(clip("nemo", "WR0", FEAR), ANGER)]
    figures = speech_figures(judged(rows), name="voice", all_speakers=False)
    assert figures["voice_accuracy"] == 0.9
    assert figures["voice_uar_mean"] == 0.5
    assert figures["voice_ece_mean"] == pytest.approx((0.1 + 0.9) / 2)
    assert (figures["voice_uar_mean_low"], figures["voice_uar_mean_high"]) == (0.5, 0.5)


def test_a_set_that_was_not_learned_from_is_judged_on_all_speakers():
    rows = [
        (clip("ravdess", "17", ANGER), ANGER),
        (clip("ravdess", "01", ANGER), FEAR),
        (clip("emodb", "11", FEAR), FEAR),
    ]
    figures = speech_figures(judged(rows, learned=["emodb"]), name="v", all_speakers=False)
    assert figures["v_uar_ravdess_test_speakers"] == 1
    assert figures["v_uar_ravdess_all_speakers"] == figures["v_uar_unseen_mean"] == 0.5
    assert figures["v_clips_ravdess_all_speakers"] == 2
    assert "v_uar_emodb_all_speakers" not in figures
    assert figures["v_samples"] == 2


def test_bursts_stay_apart():
    rows = [
        (clip("emodb", "11", ANGER), ANGER),
        (clip("emogator", "000001", FEAR), ANGER),
        (clip("emogator", "000011", ANGER), ANGER),
    ]
    figures = speech_figures(judged(rows), name="voice", all_speakers=False)
    assert figures["voice_accuracy"] == figures["voice_uar_mean"] == 1
    assert figures["voice_bursts_accuracy"] == figures["voice_bursts_uar"] == 0.5
    assert figures["voice_bursts_confusion_fear_as_anger"] == 1


def test_seconds_are_judged_beside_clips():
    part = judged([(clip("emodb", "11", ANGER), ANGER)])
    seconds = np.log(np.where(np.eye(7)[[ANGER, ANGER, SADNESS, FEAR]] > 0, 0.7, 0.05))
    part = Judged(part.clips, part.logs, np.zeros(4, int), seconds, 1.0, part.trained_on)
    figures = speech_figures(part, name="voice", all_speakers=False)
    assert figures["voice_accuracy"] == 1
    assert figures["voice_interval_samples"] == 4
    assert figures["voice_interval_accuracy"] == 0.5
    assert figures["voice_interval_ece"] == pytest.approx(0.7 - 0.5)


def by_loudness(values):
    """Give logits that depend on the wave and on its length."""
    parts = np.array_split(np.abs(values), 7, axis=1)
    return np.stack([part.mean(axis=1) for part in parts], axis=1) * 9


def test_batches_of_intervals_equal_clips_heard_alone():
    rng = np.random.default_rng(0)
    waves = [
        (rng.normal(0, 900, length) * np.linspace(0.2, 3, length)).astype(np.int16)
        for length in (4_000, 16_000, 40_000, 40_000, 72_000, 72_320)
    ]
    weights = weights_of(by_loudness, kind="logits", temperature=1.7)
    scores = score_intervals(weights, [trimmed(wave) for wave in waves])
    assert np.bincount(scores.clip).tolist() == [1, 1, 3, 3, 5, 5]
    shares = np.exp(scores.of_clips() / 1.7)
    shares /= shares.sum(axis=1, keepdims=True)
    alone = [clip_probabilities(weights, wave) for wave in waves]
    assert shares == pytest.approx(np.array(alone), abs=1e-6)


def test_a_model_of_fewer_classes_never_says_the_others(tmp_path):
    write_speech(tmp_path, [("mine", "a", "surprise", 300), ("mine", "a", "sadness", 300)])
    weights = weights_of(
        lambda values: np.tile([4.0, 0.0], (len(values), 1)),
        kind="logits",
        labels=("Sadness", "Happy"),
    )
    figures = judge_speech(weights, tmp_path)
    assert figures["voice_recall_surprise"] == 0
    assert figures["voice_recall_sadness"] == 1
    assert np.isfinite(figures["voice_nll"])
