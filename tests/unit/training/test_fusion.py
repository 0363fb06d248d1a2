"""Labelled seconds, the fit and the figures of the fusion, on made-up models and sets."""

from __future__ import annotations

import csv
import json
import wave
from pathlib import Path

import numpy as np
import pytest

from tests.unit.training.made_up import weights_of
from training.faces.data import VOTE_COLUMNS
from training.fusion import evaluate, seconds
from training.fusion.evaluate import figures_of, natural_rows
from training.fusion.fit import fit_pool
from training.fusion.seconds import FRAMES, frames_of, judged_seconds, pair
from training.voice.prepare import Clip

RATE_HZ = 16_000
VOTE_NAMES = (*VOTE_COLUMNS, "contempt", "unknown", "NF")
ANGER, DISGUST, HAPPY, SADNESS = 0, 1, 3, 4


def by_light(images):
    """Happy where the picture is light, sad where it is dark."""
    light = images.mean(axis=(1, 2, 3)) > 0.5
    return np.where(light[:, None], np.eye(7)[HAPPY], np.eye(7)[SADNESS]) * 3


def by_pitch(waves):
    """Happy where the sound is high, sad where it is low."""
    high = (np.diff(np.signbit(waves), axis=1).sum(axis=1) > waves.shape[1] * 0.06)[:, None]
    return np.where(high, np.eye(7)[HAPPY], np.eye(7)[SADNESS]) * 3


SEEING, HEARING = (weights_of(answer, kind="logits") for answer in (by_light, by_pitch))


def write_faces(path, emotions, *, usage):
    votes = np.zeros((len(emotions), 10), np.uint8)
    votes[np.arange(len(emotions)), emotions] = 10
    light = np.where(np.array(emotions) == HAPPY, 200, 50).astype(np.uint8)
    np.savez(
        path,
        pixels=np.broadcast_to(light[:, None, None], (len(emotions), 48, 48)),
        votes=votes,
        vote_names=np.array(VOTE_NAMES),
        label=np.array(emotions, np.uint8),
        label_names=np.array(["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]),
        usage=np.array([usage] * len(emotions)),
    )
    return path


def write_speech(folder, rows):
    folder.mkdir(exist_ok=True)
    with (folder / "labels.csv").open("w", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(["dataset", "path", "language", "speaker", "emotion", "seconds"])
        for number, (dataset, speaker, emotion, hz) in enumerate(rows):
            writer.writerow([dataset, f"{number}.wav", "en", speaker, emotion, 2])
            tone = 9000 * np.sin(2 * np.pi * hz * np.arange(2 * RATE_HZ) / RATE_HZ)
            with wave.open(str(folder / f"{number}.wav"), "wb") as file:
                file.setparams((1, 2, RATE_HZ, len(tone), "NONE", ""))
                file.writeframes(tone.astype("<i2").tobytes())
    return folder


def clips(*counts):
    """Clips of (dataset, emotion, count)."""
    return [
        Clip(dataset, f"{dataset}-1", emotion, Path("a"))
        for dataset, emotion, count in counts
        for _ in range(count)
    ]


def labelled(tmp_path):
    """Happy and sad faces that are not for training, and as many voices of test speakers."""
    faces = write_faces(tmp_path / "f.npz", [HAPPY, SADNESS] * 4, usage="PublicTest")
    rows = [("mine", "a", *kind) for kind in (("happy", 900), ("sadness", 200)) for _ in range(3)]
    return faces, write_speech(tmp_path / "speech", rows)


def test_pairs_agree_and_are_balanced_over_emotions_and_sets() -> None:
    voices = clips(("one", HAPPY, 4), ("two", HAPPY, 9), ("one", SADNESS, 5))
    truth = np.array([HAPPY] * 3 + [SADNESS] * 30 + [-1] * 5)
    pairs = pair(truth, voices, seconds=12)
    emotion = np.array([clip.emotion for clip in voices])
    assert (truth[pairs.face] == emotion[pairs.clip]).all()
    assert np.bincount(truth[pairs.face])[[HAPPY, SADNESS]].tolist() == [12, 12]
    assert sum(voices[row].dataset == "two" for row in pairs.clip) == 6
    assert np.bincount(pairs.face)[:3].tolist() == [4, 4, 4]  # each face as often as the next


def test_what_lacks_a_face_or_enough_clips_is_left_out() -> None:
    voices = clips(("one", HAPPY, 3), ("one", ANGER, 3), ("one", SADNESS, 2))
    pairs = pair(np.array([HAPPY, SADNESS, DISGUST]), voices, seconds=3)
    assert pairs.face.tolist() == [0, 0, 0]
    assert not len(pair(np.array([DISGUST]), voices, seconds=3).face)


def test_pairs_are_the_same_every_time() -> None:
    voices, truth = clips(("one", HAPPY, 9)), np.full(20, HAPPY)
    one, other = (pair(truth, voices, seconds=15) for _ in range(2))
    assert (one.clip == other.clip).all()
    assert (one.face == other.face).all()


def test_frames_of_a_second_differ_a_little() -> None:
    face = np.linspace(0, 255, 48 * 48).reshape(48, 48).astype(np.uint8)
    frames = frames_of(face, np.random.default_rng(0))
    assert (frames.shape, frames.dtype) == ((FRAMES, 48, 48), np.uint8)
    differences = np.abs(frames.astype(float) - face).mean(axis=(1, 2))
    assert ((differences > 0.5) & (differences < 40)).all()


def test_seconds_carry_what_the_models_say(tmp_path) -> None:
    faces, speech = labelled(tmp_path)
    found = judged_seconds(SEEING, HEARING, faces=faces, speech=speech)
    assert set(found.truth) == {HAPPY, SADNESS}
    assert (found.face.argmax(axis=1) == found.truth).all()
    assert (found.voice.argmax(axis=1) == found.truth).all()
    assert found.face.sum(axis=1) == pytest.approx(1)
    assert set(found.dataset) == {"mine"}


def noisy_logs(truth, strength, rng):
    logits = strength * np.eye(7)[truth] + rng.gumbel(size=(len(truth), 7))
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def test_the_fit_trusts_the_better_model_more() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 7, 1500)
    fit = fit_pool(np.stack([noisy_logs(truth, 3, rng), noisy_logs(truth, 1, rng)]), truth)
    assert fit.exponents[0].mean() > 2 * fit.exponents[1].mean() > 0
    assert np.abs(fit.offsets).max() < 0.3


def test_the_fit_undoes_a_temperature_and_a_bias() -> None:
    """Answers that are drawn from softmax(2 log p + b) give the exponents 2 and the offsets b."""
    rng = np.random.default_rng(1)
    logs = np.log(rng.dirichlet(np.ones(7), 6000))
    bias = np.array([0.5, -0.5, 0, 0, 0, 0, 0])
    truth = (2 * logs + bias + rng.gumbel(size=logs.shape)).argmax(axis=1)
    fit = fit_pool(logs[None], truth)
    assert fit.exponents == pytest.approx(np.full((1, 7), 2), abs=0.25)
    assert fit.offsets - fit.offsets[2:].mean() == pytest.approx(bias, abs=0.2)


def test_a_model_that_misleads_is_refused() -> None:
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 7, 1000)
    with pytest.raises(ValueError, match="mislead"):
        fit_pool(-noisy_logs(truth, 3, rng)[None], truth)


def test_natural_rows_are_as_frequent_as_faces() -> None:
    truth = np.repeat([HAPPY, SADNESS, ANGER], 100)
    faces = np.repeat([HAPPY, SADNESS, -1], [400, 100, 900])
    kept = truth[natural_rows(truth, faces)]
    assert np.bincount(kept, minlength=7)[[HAPPY, SADNESS, ANGER]].tolist() == [100, 25, 0]


def test_figures_of_a_sure_and_right_answer_are_perfect() -> None:
    figures = figures_of(np.eye(7), np.arange(7), prefix="fusion", who="face")
    assert figures["fusion_uar_face"] == figures["fusion_accuracy_face"] == 1
    assert figures["fusion_ece_face"] == figures["fusion_log_loss_face"] == 0


def test_a_truth_that_was_ruled_out_costs_a_bounded_loss() -> None:
    figures = figures_of(np.eye(7)[[0]], np.array([1]), prefix="fusion", who="face")
    assert figures["fusion_log_loss_face"] == pytest.approx(-np.log(evaluate.LEAST_PROBABILITY))


def test_every_strategy_is_judged_as_it_serves(tmp_path) -> None:
    pytest.importorskip("emotionmap_fusion")
    faces, speech = labelled(tmp_path)
    figures = evaluate.judge_fusion(SEEING, HEARING, faces, speech)
    for who in ("face", "voice", "weighted_mean", "reliability", "reliability_mine"):
        assert figures[f"fusion_uar_{who}"] == 1
    assert "fusion_uar_weighted_mean_face" not in figures  # it is the face's own
    assert figures["fusion_log_loss_reliability"] < figures["fusion_log_loss_weighted_mean"]
    assert figures["fusion_natural_accuracy_reliability"] == 1


def test_sets_without_a_common_emotion_have_no_figures(tmp_path) -> None:
    pytest.importorskip("emotionmap_fusion")
    _, speech = labelled(tmp_path)
    faces = write_faces(tmp_path / "g.npz", [DISGUST] * 4, usage="PublicTest")
    figures = evaluate.judge_fusion(SEEING, HEARING, faces, speech)
    assert figures == {"fusion_seconds": 0}


def test_the_command_writes_what_the_service_reads(tmp_path, monkeypatch) -> None:
    pytest.importorskip("emotionmap_fusion")
    from emotionmap_fusion.calibration import read_calibration

    from training.fusion import __main__ as command

    faces, speech = labelled(tmp_path)
    models = {"face": SEEING, "voice": HEARING}
    monkeypatch.setattr(command, "open_weights", lambda folder: models[folder.name])
    monkeypatch.setattr(command, "watched_seconds", seconds.judged_seconds)
    out = tmp_path / "calibration.json"
    folders = ["--face-weights", "face", "--voice-weights", "voice"]
    paths = ["--faces", str(faces), "--speech", str(speech)]
    command.main([*paths, *folders, "--fit-voice-weights", "voice", "--out", str(out)])
    calibration = read_calibration(out)
    assert calibration.judged_on.face.sha256 == "0" * 64
    assert calibration.metrics["fusion_uar_reliability"] == 1
    assert json.loads(out.read_text())["schema"] == "emotionmap.fusion/1"
