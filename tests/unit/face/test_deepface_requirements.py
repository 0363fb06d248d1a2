"""DeepFace's environment is pinned to the last package, and to what the product runs on."""

from __future__ import annotations

import re
from pathlib import Path

REQUIREMENTS = Path(__file__).parents[3] / "requirements"


def pins(name):
    text = (REQUIREMENTS / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;\\\n]+)", text, re.MULTILINE))


def test_every_line_is_a_pin():
    lines = (REQUIREMENTS / "deepface.in").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    assert len(pins("deepface.in")) == len(wanted)


def test_versions_are_those_of_the_product():
    ours = pins("dev.txt")
    shared = {name: version for name, version in pins("deepface.in").items() if name in ours}
    assert {"numpy", "onnxruntime", "protobuf", "grpcio", "pydantic"} <= set(shared)
    assert shared.items() <= ours.items()


def test_one_cv2_with_haar_cascades_and_nothing_heavy():
    names = pins("deepface.in")
    assert names["opencv-contrib-python-headless"].startswith("4.14.")
    assert not {"opencv-python", "opencv-python-headless", "tensorflow", "torch"} & set(names)


def test_all_that_the_face_service_needs_is_in_it():
    face = set(pins("face.txt")) - {"opencv-python-headless"}
    assert face <= set(pins("deepface.in"))
