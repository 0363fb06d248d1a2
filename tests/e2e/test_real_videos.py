"""Real videos say what a person sees and hears in them."""

from __future__ import annotations

import pytest

from tests.client import analyze, seconds

pytestmark = [pytest.mark.e2e, pytest.mark.model]


@pytest.fixture(scope="module")
def timeline_of(system, shared_media):
    return lambda name: analyze(system.base_url, shared_media / name)


def test_a_smiling_man_is_mostly_happy(timeline_of) -> None:
    timeline = timeline_of("smiling_man.mp4")
    assert timeline["analytics"]["top"][0] == "Happy"
    assert timeline["analytics"]["share"]["Happy"] > 0.5


def test_a_cartoon_shows_no_face(timeline_of) -> None:
    timeline = timeline_of("cartoon_no_face.mp4")
    assert sum(i["face"]["faces"] for i in timeline["intervals"]) == 0
    assert {i["evidence"] for i in timeline["intervals"]} == {"none"}


def test_only_the_part_with_a_face_shows_one(timeline_of) -> None:
    timeline = timeline_of("face_then_cartoon.mov")
    with_face = [i["start"] for i in timeline["intervals"] if i["evidence"] in {"face", "both"}]
    assert with_face == sorted(with_face)[: len(with_face)]
    assert with_face
    assert with_face[-1] - with_face[0] == len(with_face) - 1  # one stretch, then none
    cartoon = seconds(timeline, with_face[-1] + 2, timeline["duration"])
    assert cartoon
    assert sum(i["face"]["faces"] for i in cartoon) == 0


@pytest.mark.parametrize("talker", ["bbaf2n", "brbk7n", "lbax4n", "pwij3p", "sbia1a"])
def test_a_talker_is_seen_and_heard(timeline_of, talker) -> None:
    timeline = timeline_of(f"grid_{talker}.mpg")
    assert "both" in {i["evidence"] for i in timeline["intervals"]}


@pytest.mark.parametrize("sign", ["again", "sorry", "thanks"])
def test_a_signer_is_seen_without_audio(timeline_of, sign) -> None:
    timeline = timeline_of(f"sign_{sign}.mkv")
    assert timeline["has_audio"] is False
    assert {i["evidence"] for i in timeline["intervals"]} <= {"face", "none"}
    assert "face" in {i["evidence"] for i in timeline["intervals"]}
    assert timeline["models"]["audio"] is None
