"""Somebody who has never seen the page goes from a file to a highlights video."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
import pytest
from playwright.sync_api import expect

from tests.browser.viewer import PATIENCE_MS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.browser, pytest.mark.e2e]


def test_two_presses_lead_from_a_file_to_a_film(watched, system, astronaut_video, tmp_path: Path):
    """Neither scrolls, reads, opens nor chooses: each next thing to press is in sight."""
    page = watched.page
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(system.base_url)
    choose = page.get_by_text("Choose videos")
    expect(choose).to_be_in_viewport(ratio=1)
    with page.expect_file_chooser() as chooser:
        choose.click()
    chooser.value.set_files(astronaut_video)
    make = page.get_by_role("button", name="Make highlights")
    expect(make).to_be_in_viewport(ratio=1, timeout=PATIENCE_MS)
    with page.expect_download(timeout=PATIENCE_MS) as download:
        make.click()
    download.value.save_as(tmp_path / "film.mp4")
    with av.open(str(tmp_path / "film.mp4")) as film:
        assert next(film.decode(video=0)).width > 0
    expect(page.get_by_role("link", name="EmotionMap_Highlights.mp4")).to_be_in_viewport()
