"""The library: earlier analyses are found by title, and deleted for good."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

from tests import client

pytestmark = [pytest.mark.browser, pytest.mark.e2e]


@pytest.fixture
def holiday(system, astronaut_video, tmp_path) -> str:
    """Path of a finished analysis of a title of its own."""
    path = tmp_path / "Holiday in Rome.mp4"
    path.write_bytes(astronaut_video.read_bytes())
    location = client.create(system.base_url, path).headers["location"]
    assert client.wait(f"{system.base_url}{location}")["state"] == "SUCCEEDED"
    return location


def test_a_title_is_found_and_what_is_deleted_is_gone(watched, system, analysed, holiday):
    page = watched.page
    page.goto(system.base_url)
    search = page.get_by_role("searchbox", name="Search by title")
    search.fill("in rOME")
    cards = page.locator(".recent-card")
    expect(cards).to_have_count(1)
    expect(cards.locator("img")).to_have_js_property("complete", value=True)
    page.get_by_role("button", name="Delete Holiday in Rome.mp4").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(page.locator("emotion-recent [role=status]")).to_have_text(
        "Nothing is called “in rOME”."
    )
    for path in ("", "/media", "/timeline"):
        assert httpx.get(f"{system.base_url}{holiday}{path}").status_code == 404
    search.fill("")
    expect(cards.filter(has_text=analysed.timeline["title"]).first).to_be_visible()


def test_notice_and_confidence_are_always_there(page, analysed):
    expect(page.get_by_text("AI-estimated apparent expression").first).to_be_visible()
    expect(page.locator(".badge")).to_contain_text("%")
    start, _ = analysed.ranges("Unsure")[0]
    page.evaluate("(at) => { document.querySelector('video').currentTime = at }", start + 0.1)
    expect(page.locator(".badge")).to_contain_text("Unsure")
    expect(page.locator(".badge")).not_to_contain_text("%")
