"""All detectors fulfil one contract; DeepFace's does so in tests/deepface."""

from __future__ import annotations

from pathlib import Path

import pytest
from emotionmap_face.haar import HaarDetector
from emotionmap_face.yunet import YuNetDetector

from tests.contract.detector_contract import DetectorContract
from tests.contract.known_face import KnownFace

YUNET = Path(__file__).parents[3] / "shared/models/face_detection_yunet_2023mar.onnx"


class TestHaar(DetectorContract):
    @pytest.fixture(scope="class")
    @classmethod
    def detector(cls):
        return HaarDetector()


@pytest.mark.skipif(not YUNET.is_file(), reason="YuNet's weights are not here")
class TestYuNet(DetectorContract):
    @pytest.fixture(scope="class")
    @classmethod
    def detector(cls):
        return YuNetDetector(YUNET)


class TestFake(DetectorContract):
    @pytest.fixture(scope="class")
    @classmethod
    def detector(cls):
        return KnownFace()
