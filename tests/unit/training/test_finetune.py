"""Fine-tuning learns, stops, resumes and never sees a judged actor. Needs torch, transformers."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("onnxscript")

from tests.voices import TINY, write_base, write_crema  # noqa: E402
from training.voice.augment import normalize  # noqa: E402
from training.voice.checkpoints import open_checkpoint  # noqa: E402
from training.voice.export import main as export  # noqa: E402
from training.voice.finetune import loop  # noqa: E402
from training.voice.finetune.__main__ import main  # noqa: E402
from training.voice.finetune.lesson import Batches, decoded, gather, plan_lesson  # noqa: E402
from training.voice.finetune.recipe import Recipe  # noqa: E402
from training.voice.finetune.stopping import Deadline  # noqa: E402
from training.voice.prepare import decode  # noqa: E402

REPOSITORY = Path(__file__).parents[3]
EPOCH_STEPS = 4


@pytest.fixture(scope="module")
def crema(tmp_path_factory):
    return write_crema(tmp_path_factory.mktemp("crema"))


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return write_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def lesson(crema, tmp_path_factory):
    return plan_lesson(decoded(gather(None, crema), tmp_path_factory.mktemp("cache")))


def arguments(base, crema, out, **options):
    usual = {"epochs": 3, "batch": 4, "accumulate": 1, "rate": 1e-3, "threads": 1}
    pairs = [(f"--{name.replace('_', '-')}", value) for name, value in (usual | options).items()]
    words = [
        word for name, value in pairs for word in ((name,) if value is True else (name, str(value)))
    ]
    return ["--base", str(base), "--crema", str(crema), "--out", str(out), *words]


def finetune(*inputs, **options):
    with pytest.raises(SystemExit) as ended:
        main(arguments(*inputs, **options))
    return ended.value.code


def log_of(out):
    return [json.loads(line) for line in (out / "log.jsonl").read_text("utf-8").splitlines()]


def weights_of(out):
    return open_checkpoint(str(out / "model")).model.state_dict()


def assert_equal_weights(one, other):
    first, second = weights_of(one), weights_of(other)
    assert [name for name in first if not torch.equal(first[name], second[name])] == []


def test_it_learns_what_can_be_told_apart(base, crema, tmp_path):
    assert finetune(base, crema, tmp_path, epochs=20, rate=2e-3) == 0
    notes = json.loads((tmp_path / "model/emotionmap.json").read_text("utf-8"))
    assert notes["watched"]["uar"] > 0.9
    assert 0.9 <= notes["temperature"] <= 1.5
    assert notes["data"] == ["CREMA-D, ODbL"]
    assert str(base) not in json.dumps(notes)
    model = transformers.Wav2Vec2ForSequenceClassification.from_pretrained(tmp_path / "model")
    assert model.config.id2label == {0: "Anger", 1: "Sadness"}


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
def test_the_whole_path_ends_in_a_served_model(base, crema, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(REPOSITORY / "services/audio"))
    pytest.importorskip("pydantic")
    from emotionmap_audio.manifest import read_weights
    from emotionmap_audio.onnx_model import load_model

    assert finetune(base, crema, tmp_path, epochs=20, rate=2e-3) == 0
    folder = tmp_path / "wav2vec2-tiny"
    export(["--checkpoint", str(tmp_path / "model"), "--out", str(folder)])
    served = load_model(read_weights(folder), threads=1)
    notes = json.loads((tmp_path / "model/emotionmap.json").read_text("utf-8"))
    assert served.manifest.temperature == notes["temperature"]
    assert served.manifest.labels == ("Anger", "Sadness")
    for emotion, label in (("ANG", 0), ("SAD", 4)):
        pcm = decode(crema / f"AudioWAV/1003_DFA_{emotion}_XX.wav").astype(np.float32)
        assert served.predict(normalize(pcm)[None]).argmax() == label


def test_only_training_actors_are_drawn_and_only_watched_ones_watched(lesson):
    speakers = lesson.cache.speaker
    assert {f"cremad-{name}" for name in (1002, 1004, 1005)} == set(speakers[lesson.learned])
    assert set(speakers[lesson.watched]) == {"cremad-1003"}
    assert not {"cremad-1001", "cremad-1006"} & set(speakers)


def test_classes_are_drawn_equally_often(lesson):
    batches = Batches(lesson, Recipe(base="", batch=4))
    batches.lesson.cache.emotion.setflags(write=False)
    targets = lesson.targets(lesson.learned)
    for output in range(len(lesson.classes)):
        assert batches.shares[targets == output].sum() == pytest.approx(1 / len(lesson.classes))


def test_batches_depend_on_seed_and_number_alone(lesson):
    first, again, other = (Batches(lesson, Recipe(base="", batch=2, seed=s)) for s in (0, 0, 1))
    _ = again[0]
    assert torch.equal(first[7][0], again[7][0])
    assert not np.array_equal(first[7][0][:, :100], other[7][0][:, :100])


def test_a_run_that_is_stopped_and_resumed_equals_one_that_is_not(
    base, crema, tmp_path, monkeypatch
):
    assert finetune(base, crema, tmp_path / "whole", cache=tmp_path / "cache") == 0
    step = loop.FineTuning._step

    def step_then_stop(tuning, source):
        loss = step(tuning, source)
        if tuning.progress.step == EPOCH_STEPS + 1:
            signal.raise_signal(signal.SIGINT)
        return loss

    monkeypatch.setattr(loop.FineTuning, "_step", step_then_stop)
    parts = (base, crema, tmp_path / "parts")
    assert finetune(*parts, cache=tmp_path / "cache") == 128 + signal.SIGINT
    assert not (tmp_path / "parts/model").exists()
    assert finetune(*parts, cache=tmp_path / "cache") == 0
    assert_equal_weights(tmp_path / "whole", tmp_path / "parts")
    assert log_of(tmp_path / "parts")[-1] == log_of(tmp_path / "whole")[-1]


def test_a_killed_run_resumes_from_its_last_state(base, crema, tmp_path):
    options = {"cache": tmp_path / "cache", "epochs": 8, "patience": 100, "watch_steps": 1}
    assert finetune(base, crema, tmp_path / "whole", **options) == 0
    out = tmp_path / "parts"
    command = [
        sys.executable,
        "-m",
        "training.voice.finetune",
        *arguments(base, crema, out, **options),
    ]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE) as process:
        for _ in range(2):  # the state of the first judgement is written before the second
            assert process.stdout.readline()
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert (out / "state.pt").exists()
    assert finetune(base, crema, out, **options) == 0
    assert_equal_weights(tmp_path / "whole", out)


def test_it_stops_early_when_the_watched_actors_get_no_better(base, crema, tmp_path):
    assert finetune(base, crema, tmp_path, epochs=50, rate=1e-12, patience=2) == 0
    assert log_of(tmp_path)[-1]["step"] == 3 * EPOCH_STEPS
    notes = json.loads((tmp_path / "model/emotionmap.json").read_text("utf-8"))
    assert notes["steps"] == {"best": EPOCH_STEPS, "done": 3 * EPOCH_STEPS}


def test_time_that_is_up_leaves_a_state_and_no_model(base, crema, tmp_path, capsys):
    assert finetune(base, crema, tmp_path, minutes=0) == 0
    assert "stopped at step 0 of 12; the same command goes on" in capsys.readouterr().err
    assert (tmp_path / "state.pt").exists()
    assert not (tmp_path / "model").exists()


def test_a_finished_run_is_left_as_it_is(base, crema, tmp_path):
    assert finetune(base, crema, tmp_path, epochs=1) == 0
    lines = len(log_of(tmp_path))
    assert finetune(base, crema, tmp_path, epochs=1) == 0
    assert len(log_of(tmp_path)) == lines


def test_another_configuration_is_refused_in_one_line(base, crema, tmp_path):
    assert finetune(base, crema, tmp_path, minutes=0) == 0
    message = finetune(base, crema, tmp_path, rate=2e-3)
    assert "rate 0.001 there, 0.002 now" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "options", [{"precision": "bf16"}, {"precision": "fp16"}, {"workers": 1}, {"accumulate": 2}]
)
def test_every_way_to_run_ends_with_finite_weights(base, crema, tmp_path, options):
    assert finetune(base, crema, tmp_path, epochs=1, **options) == 0
    assert all(torch.isfinite(weight).all() for weight in weights_of(tmp_path).values())


def test_checkpointing_changes_nothing_but_memory(base, crema, tmp_path):
    for name, options in (("plain", {}), ("spared", {"checkpointing": True})):
        assert finetune(base, crema, tmp_path / name, epochs=1, **options) == 0
    wave = torch.from_numpy(np.random.default_rng(0).standard_normal((1, 16_000), np.float32))
    answers = [
        open_checkpoint(str(tmp_path / name / "model")).model(wave).logits.detach()
        for name in ("plain", "spared")
    ]
    # Weights without influence may differ: Adam makes whole steps of the noise in their gradients.
    assert torch.allclose(*answers, atol=1e-4)


def test_the_feature_encoder_is_frozen(base, crema, tmp_path):
    assert finetune(base, crema, tmp_path, epochs=1) == 0
    before = transformers.Wav2Vec2Model.from_pretrained(base).state_dict()
    after = weights_of(tmp_path)
    frozen = [name for name in before if name.startswith("feature_extractor.")]
    assert all(torch.equal(before[name], after[f"wav2vec2.{name}"]) for name in frozen)
    learned = "encoder.layers.0.attention.k_proj.weight"
    assert not torch.equal(before[learned], after[f"wav2vec2.{learned}"])


def test_a_base_that_is_no_wav2vec2_is_refused(crema, tmp_path):
    config = transformers.HubertConfig(**(TINY | {"num_hidden_layers": 1}))
    transformers.HubertModel(config).save_pretrained(tmp_path / "hubert")
    message = finetune(tmp_path / "hubert", crema, tmp_path / "out")
    assert "of type 'hubert', where 'wav2vec2'" in message


def test_a_base_without_its_encoder_is_refused(base, crema, tmp_path):
    folder = tmp_path / "half"
    transformers.Wav2Vec2Model.from_pretrained(base).save_pretrained(folder)
    state = transformers.Wav2Vec2Model.from_pretrained(base).state_dict()
    (folder / "model.safetensors").unlink()
    kept = {name: value for name, value in state.items() if "layers.1" not in name}
    torch.save(kept, folder / "pytorch_model.bin")
    assert "weights are missing" in finetune(folder, crema, tmp_path / "out")


def test_clips_that_git_lfs_has_not_fetched_are_named(base, tmp_path):
    path = tmp_path / "crema/1002_DFA_ANG_XX.wav"
    path.parent.mkdir()
    path.write_text("version https://git-lfs.github.com/spec/v1\n", encoding="utf-8")
    message = finetune(base, path.parent, tmp_path / "out")
    assert "1002_DFA_ANG_XX.wav: a pointer of Git LFS" in message


def test_nobody_to_watch_is_an_error(base, tmp_path):
    crema = write_crema(tmp_path / "crema")
    for path in crema.rglob("1003_*"):
        path.unlink()
    assert "0 to watch" in finetune(base, crema, tmp_path / "out")


def test_a_folder_without_clips_is_an_error(base, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "0 clips" in finetune(base, tmp_path / "empty", tmp_path / "out")


def test_a_second_signal_stops_at_once():
    deadline = Deadline(minutes=1)
    deadline.ask(signal.SIGTERM, None)
    assert deadline.is_over
    with pytest.raises(KeyboardInterrupt):
        deadline.ask(signal.SIGTERM, None)
