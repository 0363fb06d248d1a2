"""DeepFace's own detectors fulfil the contract of all detectors. Run by `make test-deepface`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("deepface", reason="DeepFace is not installed")

from emotionmap.v1 import face_service_pb2
from emotionmap_face.deepface_detector import DeepFaceDetector
from emotionmap_face.manifest import WeightsError
from emotionmap_face.service import available_detectors

from tests.contract.detector_contract import DetectorContract, is_hit, scan, scene

YUNET = Path(__file__).parents[3] / "shared/models/face_detection_yunet_2023mar.onnx"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Return DeepFace's folder of weights, empty."""
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path))
    folder = tmp_path / ".deepface/weights"
    folder.mkdir(parents=True)
    return folder


class TestOpenCv(DetectorContract):
    @pytest.fixture(scope="class")
    @classmethod
    def detector(cls):
        return DeepFaceDetector("opencv")


def test_the_server_offers_it():
    assert face_service_pb2.FACE_DETECTOR_DEEPFACE in available_detectors(None)


@pytest.mark.skipif(not YUNET.is_file(), reason="YuNet's weights are not here")
def test_its_yunet_finds_the_face_where_ours_does(home):
    (home / YUNET.name).write_bytes(YUNET.read_bytes())
    gray, truth = scene(96)
    [found] = scan(DeepFaceDetector("yunet"), gray)
    assert is_hit(found.box, truth)
    assert 0.9 <= found.score <= 1


@pytest.mark.parametrize("backend", ["ssd", "yunet", "centerface"])
def test_weights_that_are_missing_are_named_and_not_downloaded(home, backend):
    with pytest.raises(WeightsError, match=f"{backend} needs .* in {home}"):
        DeepFaceDetector(backend)
    assert list(home.iterdir()) == []


def test_a_face_of_a_network_gets_the_box_of_the_cascade(home):
    if not YUNET.is_file():
        pytest.skip("YuNet's weights are not here")
    (home / YUNET.name).write_bytes(YUNET.read_bytes())
    gray, truth = scene(120)
    [network], [cascade] = (scan(DeepFaceDetector(name), gray) for name in ("yunet", "opencv"))
    assert abs(network.box.width - network.box.height) <= 1
    assert np.isclose(network.box.width, cascade.box.width, rtol=0.15)
    assert network.box.overlap(cascade.box) > 0.75 * truth.area
