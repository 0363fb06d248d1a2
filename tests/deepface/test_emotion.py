"""DeepFace itself runs our shipped face weights, unchanged, and gives what our own loader gives."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

if find_spec("deepface") is None:
    pytest.skip("deepface is not in this environment: make test-deepface", allow_module_level=True)

import cv2
from emotionmap_face.crop import prepare
from emotionmap_face.detect import Box
from emotionmap_face.emotions import to_distributions
from emotionmap_face.manifest import read_weights
from emotionmap_face.onnx_model import load_model
from emotionmap_face.settings import SHIPPED_WEIGHTS
from skimage import data

FER = Path(__file__).parents[3] / "shared/data/faces/fer2013_ferplus.npz"
DEEPFACE_LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""In the order of DeepFace's EMOTION_LABELS and, by other names, of our vocabulary."""

TOLERANCE = 1e-4
"""The same graph on the same numbers; DeepFace's percents are floats, too."""
ROUNDING = 1 / 255
"""Our crop is cut from gray bytes and DeepFace's from coloured ones: they round differently."""
PLAUSIBLE_ACCURACY = 0.6
"""On faces that DeepFace stretches to 224 pixels and back. Guessing gives 0.14."""


class Recording:
    """Stands around DeepFace's session and keeps what the session is given."""

    def __init__(self, session):
        self._session = session
        self.crops = []

    def get_inputs(self):
        return self._session.get_inputs()

    def run(self, outputs, inputs):
        self.crops += list(inputs.values())
        return self._session.run(outputs, inputs)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """$DEEPFACE_HOME with our weights where DeepFace looks for its own."""
    folder = tmp_path_factory.mktemp("home")
    weights = folder / ".deepface/weights"
    weights.mkdir(parents=True)
    shipped = SHIPPED_WEIGHTS / read_weights(SHIPPED_WEIGHTS).manifest.file
    shutil.copyfile(shipped, weights / "facial_expression_model_weights.onnx")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEEPFACE_HOME", str(folder))
        patch.setenv("DEEPFACE_BACKEND_ENGINE", "onnx")
        patch.setenv("ORT_DISABLE_TELEMETRY", "1")
        yield folder


@pytest.fixture(scope="module")
def session(home):
    """DeepFace's session, which it keeps for the life of the process, with a recorder around it."""
    from deepface.modules import modeling

    client = modeling.build_model(task="facial_attribute", model_name="Emotion")
    client.model = Recording(client.model)
    return client.model


@pytest.fixture
def analyze(session):
    """Return probabilities float64 [N, 7] and the crops that DeepFace made for them."""
    from deepface import DeepFace

    def ask(picture, **options):
        session.crops.clear()
        faces = DeepFace.analyze(picture, actions=["emotion"], silent=True, **options)
        percents = [[face["emotion"][label] for label in DEEPFACE_LABELS] for face in faces]
        return faces, np.array(percents) / 100, np.concatenate(session.crops)

    return ask


@pytest.fixture(scope="module")
def model():
    """Our loader's model of the shipped weights, as the graph is: not yet calibrated."""
    weights = read_weights(SHIPPED_WEIGHTS)
    plain = weights.manifest.model_copy(update={"temperature": 1.0})
    return load_model(replace(weights, manifest=plain), threads=1)


@pytest.fixture(scope="module")
def astronaut():
    """uint8 [512, 512, 3], BGR: a woman who smiles."""
    return np.ascontiguousarray(data.astronaut()[:, :, ::-1])


@pytest.fixture(scope="module")
def fer_faces():
    """uint8 [60, 48, 48] and the index of the plurality of their votes, where it is clear."""
    if not FER.is_file():
        pytest.skip(f"no labelled faces at {FER}")
    with np.load(FER) as file:
        names = [str(name) for name in file["vote_names"]]
        order = ["anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"]
        votes = file["votes"][:, [names.index(name) for name in order]]
        clear = (file["usage"] == "PublicTest") & (votes.max(axis=1) >= 7)
        chosen = np.flatnonzero(clear)[:60]
        return file["pixels"][chosen], votes[chosen].argmax(axis=1)


@pytest.mark.parametrize("align", [True, False])
def test_the_astronaut_is_happy(analyze, model, astronaut, align):
    faces, probabilities, crops = analyze(astronaut, detector_backend="opencv", align=align)
    assert [face["dominant_emotion"] for face in faces] == ["happy"]
    assert np.abs(probabilities - model.predict(crops)).max() < TOLERANCE
    assert crops.shape == (1, 48, 48, 1)
    assert crops.dtype == np.float32
    assert 0 <= crops.min() < crops.max() <= 1


def test_our_server_gives_the_same_after_calibration(analyze, astronaut):
    weights = read_weights(SHIPPED_WEIGHTS)
    _, probabilities, crops = analyze(astronaut, detector_backend="opencv")
    expected = to_distributions(
        probabilities,
        labels=weights.manifest.labels,
        are_logits=False,
        temperature=weights.manifest.temperature,
    )
    calibrated = load_model(weights, threads=1).predict(crops)
    assert np.abs(calibrated - expected).max() < TOLERANCE


def test_our_crop_is_deepfaces_crop(analyze, model, astronaut):
    """Of the same box; DeepFace's `align` turns the face before, which we do not."""
    faces, probabilities, crops = analyze(astronaut, detector_backend="opencv", align=False)
    x, y, width, height = (faces[0]["region"][key] for key in "xywh")
    gray = cv2.cvtColor(astronaut, cv2.COLOR_BGR2GRAY)
    ours = prepare(gray, Box(x, y, x + width, y + height))
    assert np.abs(ours - crops[0]).max() < ROUNDING
    assert np.abs(model.predict(ours[np.newaxis]) - probabilities).max() < 0.01


def test_faces_of_the_judged_set_are_told_apart(analyze, model, fer_faces):
    pixels, truth = fer_faces
    found = []
    for face in pixels:
        _, [probabilities], crops = analyze(np.dstack([face] * 3), detector_backend="skip")
        assert np.abs(probabilities - model.predict(crops)[0]).max() < TOLERANCE
        found.append(probabilities.argmax())
    assert (np.array(found) == truth).mean() > PLAUSIBLE_ACCURACY


def test_a_batch_gives_what_one_by_one_gives(session, home):
    from deepface.modules import modeling

    client = modeling.build_model(task="facial_attribute", model_name="Emotion")
    pictures = np.random.default_rng(0).random((5, 224, 224, 3), dtype=np.float32)
    together = client.predict(pictures)
    alone = np.stack([client.predict(picture) for picture in pictures])
    assert together.shape == (5, 7)
    assert np.abs(together - alone).max() < TOLERANCE


def test_nothing_heavy_is_loaded_and_nothing_fetched(analyze, astronaut, home):
    analyze(astronaut, detector_backend="opencv")
    assert not {"tensorflow", "keras", "torch"} & set(sys.modules)
    files = [path.name for path in home.rglob("*") if path.is_file()]
    assert files == ["facial_expression_model_weights.onnx"]
