"""The judge reads small made-up sets and reports what a stand-in model gets right."""

from __future__ import annotations

import json
import stat
import sys
import wave

import numpy as np
import pytest

from tests.unit.training.made_up import (
    RATE_HZ,
    by_pitch,
    weights_of,
    write_faces,
    write_model,
    write_speech,
)
from training import evaluate, videos
from training.emotions import LABELS
from training.faces.data import plurality, read_faces, soft_targets, split_training
from training.faces.evaluate import judge_faces
from training.videos import UNSURE, Span, analyze, overlap_seconds, read_spans, video_figures
from training.voice.evaluate import contexts, judge_speech
from training.voice.prepare import decode, read_labels, speech_bounds


def test_plurality_is_unclear_on_ties_and_on_no_face(tmp_path):
    votes = [{"anger": 6, "fear": 4}, {"anger": 5, "fear": 5}, {"NF": 9, "anger": 1}, {}]
    faces = read_faces(write_faces(tmp_path / "f.npz", votes, usage=["PublicTest"] * 4))
    assert plurality(faces).tolist() == [0, -1, -1, -1]


def test_soft_targets_mix_votes_and_label(tmp_path):
    votes = [{"happiness": 6, "surprise": 3, "fear": 1}]
    path = write_faces(tmp_path / "f.npz", votes, usage=["Training"], labels=[5])
    target = soft_targets(read_faces(path))[0]
    assert target == pytest.approx([0, 0, 0, 0.85 * 6 / 9, 0, 0.85 * 3 / 9 + 0.15, 0], abs=1e-6)


def test_split_keeps_copies_together_and_judged_images_out(tmp_path):
    pixels = np.repeat(np.arange(60, dtype=np.uint8), 2)[:, None, None].repeat(48, 1).repeat(48, 2)
    usage = ["PublicTest", *["Training"] * 119]
    path = write_faces(tmp_path / "f.npz", [{"anger": 10}] * 120, usage=usage, pixels=pixels)
    learned, held_out = split_training(read_faces(path))
    sides = [set(part.pixels[:, 0, 0].tolist()) for part in (learned, held_out)]
    assert not sides[0] & sides[1]
    assert sides[0] | sides[1] == set(range(1, 60))


def test_faces_are_judged_outside_training_with_a_clear_plurality(tmp_path):
    votes = [{"anger": 9}, {"happiness": 9}, {"anger": 5, "fear": 5}, {"anger": 9}]
    usage = ["PublicTest", "PublicTest", "PublicTest", "Training"]
    path = write_faces(tmp_path / "f.npz", votes, usage=usage)
    always_anger = weights_of(
        lambda values: np.eye(7)[np.zeros(len(values), int)], kind="probabilities"
    )
    figures = judge_faces(always_anger, path)
    assert figures["face_samples"] == 2
    assert figures["face_accuracy"] == 0.5
    assert figures["face_recall_happy"] == 0


def test_temperature_divides_logits():
    weights = weights_of(lambda _: np.array([[2.0, 0.0]]), kind="logits", temperature=2.0)
    probabilities = np.exp(weights.log_probabilities(np.zeros((1, 1), np.float32)))
    assert probabilities[0, 0] == pytest.approx(np.e / (np.e + 1))


def test_temperature_is_a_root_of_probabilities():
    weights = weights_of(lambda _: np.array([[0.8, 0.2]]), kind="probabilities", temperature=2.0)
    probabilities = np.exp(weights.log_probabilities(np.zeros((1, 1), np.float32)))
    assert probabilities[0] == pytest.approx([2 / 3, 1 / 3], abs=1e-6)


def test_sets_of_unknown_name_are_judged_on_all_speakers(tmp_path):
    rows = [("mine", "a", "anger", 800), ("mine", "b", "sadness", 200), ("mine", "b", "anger", 200)]
    figures = judge_speech(weights_of(by_pitch, kind="logits"), write_speech(tmp_path, rows))
    assert figures["voice_clips_mine_all_speakers"] == 3
    assert figures["voice_uar_mine_all_speakers"] == 0.75
    assert figures["voice_uar_mean"] == 0.75


def test_known_sets_are_judged_on_test_speakers(tmp_path):
    rows = [
        ("ravdess", "ravdess-20", "anger", 800),
        ("ravdess", "ravdess-01", "anger", 200),
        ("emogator", "emogator-000001", "sadness", 800),
    ]
    write_speech(tmp_path, rows)
    weights = weights_of(by_pitch, kind="logits")
    figures = judge_speech(weights, tmp_path)
    assert figures["voice_uar_ravdess_test_speakers"] == 1
    assert figures["voice_uar_emogator_test_speakers"] == 0
    assert figures["voice_uar_mean"] == 1
    whole = judge_speech(weights, tmp_path, all_speakers=True)
    assert whole["voice_uar_ravdess_all_speakers"] == 0.5
    assert whole["voice_uar_mean"] == 1


def test_outputs_are_put_in_our_order(tmp_path):
    write_speech(tmp_path, [("mine", "a", "happy", 300)])
    weights = weights_of(
        lambda _: np.array([[0.0, 9.0]]), kind="logits", labels=("Sadness", "Happy")
    )
    assert judge_speech(weights, tmp_path)["voice_recall_happy"] == 1


def test_silence_at_both_ends_is_cut_off():
    pcm = np.zeros(3 * RATE_HZ, dtype=np.int16)
    pcm[RATE_HZ : 2 * RATE_HZ] = 9000
    start, end = speech_bounds(pcm)
    assert RATE_HZ - 1600 <= start <= RATE_HZ
    assert 2 * RATE_HZ <= end <= 2 * RATE_HZ + 1600


@pytest.mark.parametrize(("seconds", "count"), [(0.1, 1), (1.0, 1), (2.5, 3), (9.0, 9)])
def test_one_context_per_second_of_at_most_three(seconds, count):
    pcm = np.random.default_rng(0).integers(-9000, 9000, round(seconds * RATE_HZ)).astype(np.int16)
    waves = contexts(pcm)
    assert len(waves) == count
    for values in waves:
        assert 0.4 * RATE_HZ <= len(values) <= 3 * RATE_HZ
        assert values.mean() == pytest.approx(0, abs=1e-4)
        assert values.std() == pytest.approx(1, abs=1e-3)


def test_decoding_resamples_to_mono(tmp_path):
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((2, 2, 44_100, 44_100, "NONE", ""))
        file.writeframes(np.zeros(2 * 44_100, "<i2").tobytes())
    pcm = decode(tmp_path / "a.wav")
    assert pcm.dtype == np.int16
    assert len(pcm) == pytest.approx(RATE_HZ, abs=64)


def test_overlaps_are_weighted_by_time():
    truth = [Span(0.0, 2.0, 0), Span(2.0, 4.0, 3)]
    found = [Span(0.0, 1.0, 0), Span(1.0, 3.0, 3), Span(3.0, 4.0, UNSURE)]
    figures = video_figures(overlap_seconds(truth, found))
    assert figures["video_seconds"] == 4
    assert figures["video_accuracy"] == 0.5
    assert figures["video_uar"] == 0.5
    assert figures["video_unsure_share"] == 0.25
    assert figures["video_accuracy_decided"] == pytest.approx(2 / 3)


def command_that(folder, code):
    path = folder / "emotionmap"
    path.write_text(f"#!{sys.executable}\n{code}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_the_product_is_asked_as_a_person_would(tmp_path):
    timeline = {
        "intervals": [
            {"start": 0.0, "end": 1.0, "emotion": "Happy"},
            {"start": 1.0, "end": 1.5, "emotion": "Unsure"},
        ]
    }
    code = (
        "import sys\n"
        "assert sys.argv[1:] == ['analyze', 'a.mp4', '--format', 'json']\n"
        f"print({json.dumps(timeline)!r})"
    )
    found = analyze("a.mp4", command_that(tmp_path, code))
    assert found == [Span(0.0, 1.0, 3), Span(1.0, 1.5, UNSURE)]


def test_a_failing_analysis_is_told(tmp_path):
    command = command_that(tmp_path, "import sys; sys.exit('not a video')")
    with pytest.raises(RuntimeError, match="not a video"):
        analyze(tmp_path / "a.mp4", command)


def test_videos_are_judged_as_a_whole(tmp_path):
    (tmp_path / "labels.csv").write_text(
        "path,start,end,emotion\na.mp4,0,1,happy\na.mp4,1,2,calm\n", encoding="utf-8"
    )
    assert read_spans(tmp_path) == {"a.mp4": [Span(0, 1, 3), Span(1, 2, 6)]}


def test_the_report_is_flat_and_says_where_it_was_measured(tmp_path, monkeypatch, capsys):
    write_speech(tmp_path, [("mine", "a", "anger", 800)])
    weights = weights_of(by_pitch, kind="logits")
    monkeypatch.setattr(evaluate, "open_weights", lambda _folder, **_options: weights)
    monkeypatch.setattr(evaluate, "cost_figures", lambda model: {f"{model.name}_mb": 1.5})
    out = tmp_path / "reports" / "report.json"
    evaluate.main(["--speech", str(tmp_path), "--out", str(out)])
    report = json.loads(out.read_text(encoding="utf-8"))
    assert report == json.loads(capsys.readouterr().out)
    wanted = {"machine", "commit", "versions", "voice_model", "voice_uar_mean", "voice_mb"}
    assert wanted <= set(report)
    assert all(isinstance(value, int | float | str) for value in report.values())


def test_asking_for_nothing_is_an_error_that_tells_what_to_give(capsys):
    with pytest.raises(SystemExit, match="2"):
        evaluate.main([])
    assert "make eval FACES=F.npz SPEECH=DIR" in capsys.readouterr().err


def test_data_that_is_not_there_is_named(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        evaluate.main(["--speech", str(tmp_path / "nowhere")])
    assert "nowhere does not exist" in capsys.readouterr().err


def test_every_model_folder_is_judged_under_its_own_name(tmp_path, monkeypatch, capsys):
    write_model(tmp_path / "voice")
    write_model(tmp_path / "voice/commercial", name="other")
    (tmp_path / "voice/empty").mkdir()
    write_speech(tmp_path, [("mine", "a", "anger", 800)])
    weights = weights_of(by_pitch, kind="logits")
    monkeypatch.setattr(evaluate, "open_weights", lambda _folder, **_options: weights)
    monkeypatch.setattr(evaluate, "cost_figures", lambda _model: {})
    evaluate.main(["--speech", str(tmp_path), "--voice-weights", str(tmp_path / "voice")])
    report = json.loads(capsys.readouterr().out)
    assert report["voice_uar_mean"] == report["voice_commercial_uar_mean"] == 1
    assert not [name for name in report if name.startswith(("voice_empty", "face"))]


def test_labels_of_calm_are_neutral(tmp_path):
    write_speech(tmp_path, [("mine", "a", "calm", 300)])
    assert read_labels(tmp_path)[0].emotion == LABELS.index("Neutral")


def test_videos_use_the_command_beside_python(tmp_path, monkeypatch):
    (tmp_path / "labels.csv").write_text(
        "path,start,end,emotion\na.mp4,0,2,happy\n", encoding="utf-8"
    )
    monkeypatch.setattr(videos, "analyze", lambda _video, _command: [Span(0.0, 1.0, 3)])
    figures = videos.judge_videos(tmp_path)
    assert figures["video_files"] == 1
    assert figures["video_accuracy"] == 1
