"""The whole path at real size, once: wav2vec2-base of random weights becomes a served model.

Not part of `make test` (minutes, 4 GB of memory, 1 GB of disk): its name is not `test_*.py`, so it
runs only when it is named, in the environment with torch:
`python -m pytest --noconftest -s tests/unit/training/real_size.py`.
"""

# ruff: noqa: T201 - its figures are for the person who runs it
from __future__ import annotations

import os
import resource
import subprocess
import time

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("onnxscript")

from training.voice.evaluate import contexts  # noqa: E402
from training.voice.export import main  # noqa: E402
from training.voice.prepare import decode, read_labels, speech_bounds  # noqa: E402
from training.weights import REPOSITORY  # noqa: E402

TOLERANCE = 1e-4
SPEECH = REPOSITORY.parent / "shared/data/speech"
SERVICE_PYTHON = REPOSITORY / ".venv/bin/python"
CREMA_CLASSES = ("Anger", "Disgust", "Fear", "Happy", "Sadness", "Neutral")
BASE_PARAMETERS = 94_000_000
CLIPS = 8
TIMED_RUNS = 5

pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning"),
    pytest.mark.timeout(1800),
]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """Write what `facebook/wav2vec2-base` with a head of six classes is, with random weights."""
    torch.manual_seed(0)
    words = dict(enumerate(CREMA_CLASSES))
    ids = {word: index for index, word in words.items()}
    # The defaults of the class are the sizes of wav2vec2-base.
    model = transformers.Wav2Vec2ForSequenceClassification(
        transformers.Wav2Vec2Config(id2label=words, label2id=ids)
    )
    assert model.num_parameters() > BASE_PARAMETERS
    with torch.no_grad():
        model.classifier.weight.mul_(30)  # random heads say next to nothing
    folder = tmp_path_factory.mktemp("base") / "checkpoint"
    model.save_pretrained(folder)
    return folder, model.eval()


@pytest.fixture(scope="module")
def exported(checkpoint):
    folder, _ = checkpoint
    started_s = time.monotonic()
    main(["--checkpoint", str(folder), "--out", str(folder.parent / "wav2vec2-base")])
    print(f"export: {time.monotonic() - started_s:.0f} s, peak {peak_mb('SELF'):.0f} MB")
    return folder.parent / "wav2vec2-base"


@pytest.fixture(scope="module")
def waves():
    """Return 3 s contexts of real speech, or of noise where there is none at hand."""
    if not SPEECH.exists():
        return [torch.randn(1, 48_000).numpy()]
    clips = read_labels(SPEECH)
    chosen = [clips[i] for i in np.random.default_rng(0).permutation(len(clips))[:CLIPS]]
    found = []
    for clip in chosen:
        pcm = decode(clip.path)
        start, end = speech_bounds(pcm)
        found.append(contexts(pcm[start:end])[0][None])
    return found


def best_ms(served, seconds):
    wave = torch.randn(1, seconds * 16_000).numpy()
    times_s = []
    for _ in range(TIMED_RUNS):
        started_s = time.perf_counter()
        served.predict(wave)
        times_s.append(time.perf_counter() - started_s)
    return 1000 * min(times_s)


def peak_mb(who):
    return resource.getrusage(getattr(resource, f"RUSAGE_{who}")).ru_maxrss / 1024


def test_the_audio_service_hears_what_torch_hears(checkpoint, exported, waves, monkeypatch):
    monkeypatch.syspath_prepend(str(REPOSITORY / "services/audio"))
    pytest.importorskip("pydantic")
    from emotionmap_audio.emotions import to_distributions
    from emotionmap_audio.manifest import read_weights
    from emotionmap_audio.onnx_model import load_model

    served = load_model(read_weights(exported), threads=2)
    differences = []
    for wave in waves:
        with torch.inference_mode():
            logits = checkpoint[1](torch.from_numpy(wave)).logits.numpy()
        expected = to_distributions(logits, labels=CREMA_CLASSES, are_logits=True, temperature=1.0)
        differences.append(np.abs(served.predict(wave) - expected).max())
    print(f"{len(waves)} waves of speech: within {max(differences):.1g}")
    for seconds in (1, 3):
        print(f"{seconds} s window, 2 threads: {best_ms(served, seconds):.0f} ms at best")
    assert max(differences) < TOLERANCE


@pytest.mark.skipif(not SERVICE_PYTHON.exists(), reason="the services' own environment is not made")
def test_the_audio_service_starts_with_it(exported):
    environment = os.environ | {"EMOTIONMAP_AUDIO_MODEL_DIR": str(exported)}
    command = [SERVICE_PYTHON, "-m", "emotionmap_audio", "--check"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    print(f"audio service with it: peak {peak_mb('CHILDREN'):.0f} MB")
    assert done.returncode == 0, done.stderr
