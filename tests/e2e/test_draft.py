"""A long video shows where its faces are before its analysis has got anywhere."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.bench.multiply import repeat
from tests.client import create
from tests.clips import Scene, write_clip

pytestmark = [pytest.mark.e2e, pytest.mark.model]

LENGTH_S = 1000


def first_draft(url):
    """Return the intervals of the draft, and the last progress before it."""
    kind, progress = "", 0.0
    with httpx.stream("GET", f"{url}/events", timeout=120) as stream:
        for line in stream.iter_lines():
            name, _, value = line.partition(": ")
            kind = value if name == "event" else kind
            if name == "data" and kind == "draft":
                return json.loads(value)["intervals"], progress
            if name == "data" and kind == "analysis":
                progress = json.loads(value)["progress"]
    raise AssertionError("the stream ended without a draft")


def test_a_draft_comes_early_and_knows_the_faces(system, tmp_path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", [Scene(8, face=True), Scene(8)])
    response = create(system.base_url, repeat(clip, tmp_path / "long.mp4", LENGTH_S))
    url = f"{system.base_url}{response.headers['location']}"
    try:
        draft, progress = first_draft(url)
    finally:
        httpx.delete(url).raise_for_status()
    seen = [one for one in draft if one["evidence"] == "face"]
    assert progress < 0.5
    assert draft[-1]["end"] == pytest.approx(LENGTH_S, abs=3)
    assert all(one["draft"] and one["voice"]["speech"] == 0 for one in draft)
    assert 0.3 < len(seen) / len(draft) < 0.7
    assert {one["evidence"] for one in draft} == {"face", "none"}
    assert all(one["emotion"] == "Happy" for one in seen[:20])
