"""The shipped weights on real faces, through the parts that the service is made of."""

from __future__ import annotations

import av
import cv2
import numpy as np
import pytest
import skimage.data
from emotionmap_face.crop import prepare
from emotionmap_face.emotions import EMOTIONS
from emotionmap_face.haar import HaarDetector
from emotionmap_face.manifest import read_weights
from emotionmap_face.onnx_model import load_model
from emotionmap_face.settings import SHIPPED_WEIGHTS, Settings
from emotionmap_face.track import FaceTracker

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(
        not (SHIPPED_WEIGHTS / "manifest.json").is_file(), reason="the weights are not here"
    ),
]
BATCH_TOLERANCE = 1e-4
"""What the company in a batch may change."""
FPS = 15
HAPPY = EMOTIONS.index("Happy")


@pytest.fixture(scope="module")
def model():
    return load_model(read_weights(SHIPPED_WEIGHTS), threads=1)


@pytest.fixture(scope="module")
def astronaut():
    return cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2GRAY)


def sightings(frames):
    tracker = FaceTracker(HaarDetector(), min_face_px=20, pace=Settings().pace())
    return [
        tracker.update(frame, time_ns=i * 1_000_000_000 // FPS) for i, frame in enumerate(frames)
    ]


def sampled(path):
    """Return about 15 gray frames a second, at most 640 px wide."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        step = max(1, round(float(stream.average_rate) / FPS))
        frames = []
        for i, frame in enumerate(container.decode(stream)):
            if i % step == 0:
                width = min(640, frame.width)
                height = round(frame.height * width / frame.width)
                frames.append(frame.to_ndarray(width=width, height=height, format="gray"))
        return frames


def test_the_astronaut_is_happy(model, astronaut):
    [found] = sightings([astronaut])
    [face] = found.faces
    [scores] = model.predict(prepare(astronaut, face.box)[None])
    assert scores.argmax() == HAPPY
    assert scores.sum() == pytest.approx(1, abs=1e-5)


def test_company_in_a_batch_changes_nothing(model):
    crops = np.random.default_rng(0).random((9, 48, 48, 1), np.float32)
    together = model.predict(crops)
    alone = np.concatenate([model.predict(crop[None]) for crop in crops])
    assert np.abs(together - alone).max() < BATCH_TOLERANCE
    assert together.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_a_smiling_man_is_mostly_happy(model, shared_media):
    frames = sampled(shared_media / "smiling_man.mp4")
    crops = [
        prepare(frame, face.box)
        for frame, found in zip(frames, sightings(frames), strict=True)
        for face in found.faces
    ]
    moods = model.predict(np.stack(crops)).argmax(axis=1)
    assert len(crops) >= 0.95 * len(frames)
    assert (moods == HAPPY).mean() > 0.6


def test_a_cartoon_has_no_face(shared_media):
    found = sightings(sampled(shared_media / "cartoon_no_face.mp4"))
    assert sum(len(each.faces) for each in found) == 0


def test_a_face_ends_where_the_cartoon_begins(shared_media):
    found = sightings(sampled(shared_media / "face_then_cartoon.mov"))
    has_face = [bool(each.faces) for each in found]
    last = max(i for i, here in enumerate(has_face) if here)
    assert all(has_face[: last + 1])
    assert 0.3 < last / len(has_face) < 0.45


@pytest.mark.parametrize("name", ["grid_bbaf2n.mpg", "grid_lbax4n.mpg", "sign_again.mkv"])
def test_talkers_and_signers_have_one_face_nearly_always(shared_media, name):
    found = sightings(sampled(shared_media / name))
    assert np.mean([len(each.faces) == 1 for each in found]) > 0.95
    assert {face.track for each in found for face in each.faces} == {1}


def test_the_same_frames_give_the_same_sightings(shared_media):
    frames = sampled(shared_media / "sign_thanks.mkv")
    assert sightings(frames) == sightings(frames)
