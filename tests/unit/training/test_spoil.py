"""Crops are spoiled by as much as the card says, and always alike."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.training.made_up import weights_of, write_faces
from training.faces.evaluate import judge_faces
from training.faces.spoil import SPOILERS, spoiled


@pytest.fixture
def crops():
    return np.random.default_rng(0).integers(60, 200, (5, 48, 48)).astype(np.uint8)


@pytest.mark.parametrize("how", SPOILERS)
def test_a_spoiled_crop_is_another_image_and_the_same_at_every_call(crops, how):
    found = spoiled(crops, how)
    assert found.shape == crops.shape
    assert found.dtype == np.uint8
    assert (found != crops).mean() > 0.5
    assert np.array_equal(found, spoiled(crops, how))


def test_dark_crops_have_a_quarter_of_the_light(crops):
    assert spoiled(crops, "dark").mean() == pytest.approx(crops.mean() / 4, rel=0.02)


def test_off_centre_boxes_are_off_by_an_eighth():
    ramp = np.arange(48, dtype=np.uint8)[None, None, :].repeat(9, 0).repeat(48, 1)
    offsets = spoiled(ramp, "off_centre")[:, 24, 24].astype(int) - 24
    assert set(offsets.tolist()) == {-6, 6}


def test_blur_and_low_resolution_lose_detail(crops):
    for how in ("blur", "low_resolution"):
        assert spoiled(crops, how).std() < crops.std() / 2


def test_the_report_has_each_condition_beside_the_plain_figure(tmp_path):
    pixels = np.array([40, 200], np.uint8)[:, None, None].repeat(48, 1).repeat(48, 2)
    votes = [{"anger": 9}, {"happiness": 9}]
    path = write_faces(tmp_path / "f.npz", votes, usage=["PublicTest"] * 2, pixels=pixels)

    def bright_is_happy(values):
        return np.eye(7)[np.where(values.mean(axis=(1, 2, 3)) > 0.4, 3, 0)]

    figures = judge_faces(weights_of(bright_is_happy, kind="probabilities"), path)
    assert figures["face_accuracy"] == figures["face_accuracy_blur"] == 1
    assert figures["face_accuracy_dark"] == figures["face_uar_dark"] == 0.5
    assert {f"face_uar_{how}" for how in SPOILERS} <= set(figures)
