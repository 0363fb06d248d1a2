"""Films of unusual shape: crowds, long titles, nobody in them, failures; on any width of screen."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.viewer import await_true

pytestmark = [pytest.mark.browser, pytest.mark.e2e]

CROWD = 14
LONG = "A film with a very long title, an_unbreakable_part_of_it_that_never_ends, and more.mp4"
WIDTHS_PX = [1440, 1024, 390]

LABELS = """() => [...document.querySelectorAll('.box-label')].map((label) => {
  const { left, right, top, bottom } = label.getBoundingClientRect();
  return [left, top, right, bottom];
})"""


def person(sample: dict[str, Any], number: int) -> dict[str, Any]:
    """Return somebody in a row of a crowd of five by three."""
    left, top = 0.04 + 0.19 * (number % 5), 0.12 + 0.3 * (number // 5)
    box = [left, top, left + 0.1, top + 0.18]
    span = {**sample["intervals"][0], "start": 0, "end": 16, "first_box": box, "last_box": box}
    return {**sample, "id": f"c{number}", "intervals": [span]}


@pytest.fixture
def shaped(watched, analysed):
    """Open the analysis with parts of its documents replaced."""

    def open_page(job: dict[str, Any] | None = None, film: dict[str, Any] | None = None):
        page, path = watched.page, f"**/v1/analyses/{analysed.job['id']}"
        page.route(path, lambda route: route.fulfill(json={**analysed.job, **(job or {})}))
        answer = {**analysed.timeline, **(film or {})}
        page.route("**/timeline?format=json", lambda route: route.fulfill(json=answer))
        page.route(
            "**/events*", lambda route: route.fulfill(body="", content_type="text/event-stream")
        )
        page.goto(analysed.url)
        expect(page.locator(".stage")).to_be_visible()
        return page

    return open_page


@pytest.mark.parametrize("width_px", [1280, 390])
def test_a_crowd_has_labels_that_do_not_lie_on_each_other(shaped, analysed, width_px):
    crowd = [person(analysed.timeline["people"][0], i) for i in range(CROWD)]
    page = shaped(film={"people": crowd})
    page.set_viewport_size({"width": width_px, "height": 844})
    await_true(page, "document.querySelector('video')?.readyState >= 2")
    page.keyboard.press("b")
    expect(page.locator(".box")).to_have_count(CROWD)
    labels = page.evaluate(LABELS)
    stage = page.locator(".stage").bounding_box()
    assert all(
        stage["x"] - 3 <= left and right <= stage["x"] + stage["width"] + 3
        for left, _, right, _ in labels
    )
    clashes = [
        (a, b)
        for i, a in enumerate(labels)
        for b in labels[i + 1 :]
        if a[0] < b[2] - 1 and b[0] < a[2] - 1 and a[1] < b[3] - 1 and b[1] < a[3] - 1
    ]
    assert clashes == []


def test_the_long_seen_of_a_crowd_come_first_and_the_others_on_demand(shaped, analysed):
    crowd = [person(analysed.timeline["people"][0], i) for i in range(CROWD)]
    page = shaped(film={"people": crowd})
    expect(page.locator(".person")).to_have_count(8)
    page.get_by_role("button", name=f"{CROWD - 8} more").click()
    expect(page.locator(".person")).to_have_count(CROWD)


@pytest.mark.parametrize("width_px", WIDTHS_PX)
def test_a_long_title_widens_nothing(shaped, analysed, width_px):
    """Neither its own, nor that of another analysis to compare with."""
    others = {"analyses": [{**analysed.job, "id": "other", "title": LONG}], "next_cursor": None}
    job = {"title": LONG}
    page = shaped(job=job)
    page.route("**/v1/analyses?*", lambda route: route.fulfill(json=others))
    page.set_viewport_size({"width": width_px, "height": 844})
    page.reload()
    expect(page.locator(".compare-choice")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width_px
    title, delete = page.locator(".title-row h1"), page.get_by_role("button", name="Delete")
    assert delete.bounding_box()["y"] < title.bounding_box()["y"] + title.bounding_box()["height"]


def test_a_film_without_face_and_voice_says_so(shaped, analysed):
    nothing = {"emotion": "Unsure", "confidence": 0, "evidence": "none", "scores": None}
    intervals = [{**each, **nothing} for each in analysed.timeline["intervals"]]
    page = shaped(film={"intervals": intervals, "people": []})
    expect(page.get_by_text("Nobody's face is seen and nobody speaks")).to_be_visible()
    expect(page.get_by_text("for a line")).to_be_visible()
    expect(page.locator(".arc")).to_have_count(0)
    expect(page.locator("emotion-people")).to_be_hidden()
    expect(page.get_by_role("button", name="Make highlights")).to_be_disabled()


def test_what_failed_before_anything_was_found_offers_no_choice(shaped):
    failure = {"reason": "MEDIA_UNREADABLE", "message": "The file cannot be read as media."}
    page = shaped(job={"state": "FAILED", "failure": failure})
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator(".panel:visible")).to_have_count(0)


def test_from_an_analysis_one_comes_back_to_all(shaped):
    page = shaped()
    page.get_by_role("link", name="All videos").click()
    expect(page.get_by_role("heading", name="Recent analyses")).to_be_visible()
