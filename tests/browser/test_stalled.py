"""Videos that are analysed while they are uploaded, and whose bytes stop coming."""

from __future__ import annotations

import itertools
import re
import time

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.uploading import row, slow
from tests.browser.viewer import PATIENCE_MS
from tests.contract.tus_client import Tus

pytestmark = [pytest.mark.browser, pytest.mark.e2e]

LONG_MS = 20_000
"""Longer than the page waits for bytes before it says that none come."""
HERE = re.compile(r"Waiting for the rest of the file: \d\.\d MB of 8\.\d MB are here")


def pass_over(page) -> None:
    """Let the page believe that time has passed."""
    page.clock.fast_forward(LONG_MS)
    page.wait_for_timeout(100)


def expect_in_time(page, place, words) -> None:
    """Expect what a page says some time after it has last heard of bytes."""
    for _ in range(30):
        pass_over(page)
        if re.search(words, place.text_content() or ""):
            return
        page.wait_for_timeout(500)
    expect(place).to_contain_text(words)


def stick(page, data: bytes) -> None:
    """Let the first request for bytes bring half of them, and the second none; others do."""
    requests = itertools.count(1)

    def handle(route) -> None:
        number = next(requests) if route.request.method == "PATCH" else 3
        if number == 1:
            half = data[: len(data) // 2]
            headers = route.request.headers | {"content-length": str(len(half))}
            route.continue_(post_data=half, headers=headers)
        elif number > 2:
            route.continue_()

    page.route("**/v1/uploads/*", handle)


def test_an_upload_that_is_stuck_says_so_and_is_resumed_by_hand(watched, system, web_video):
    page = watched.page
    page.clock.install()
    page.goto(system.base_url)
    stick(page, web_video.read_bytes())
    page.set_input_files("#file", web_video)
    sent = row(page, "web.mp4")
    sent.get_by_role("link", name="Open web.mp4").click()
    expect_in_time(page, sent, HERE)
    expect_in_time(page, page.locator(".head > .hint"), "Resume or cancel its upload")
    expect(page.locator(".state")).to_have_text("Waiting for the file")
    page.get_by_role("button", name="Resume the upload of web.mp4").click()
    expect(page.get_by_role("button", name="Make highlights")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".head > .hint")).to_be_hidden()


@pytest.fixture
def broken_off(system, web_video):
    """Path of an analysis that was begun early elsewhere, and what sends the rest of its video."""
    data = web_video.read_bytes()
    with httpx.Client(base_url=system.base_url, timeout=60) as http:
        path = Tus(http).created(len(data))
        there = len(data) // 2
        Tus(http).patch(path, data[:there])
        wish = {"upload": path.rpartition("/")[2], "title": "half.mp4", "early": True}
        analysis = http.post("/v1/analyses", json=wish).json()["id"]
        yield analysis, lambda: Tus(http).patch(path, data[there:], there)
        http.delete(f"/v1/analyses/{analysis}")


def test_an_upload_that_broke_off_elsewhere_is_told_of_and_goes_on(watched, system, broken_off):
    page, (analysis, send_rest) = watched.page, broken_off
    page.clock.install()
    page.goto(system.base_url)
    card = page.locator(".recent-card").first
    expect(card).to_contain_text("half.mp4")
    expect_in_time(page, card, r"waiting for the rest of the file, 4\.\d MB of 8\.\d MB here")
    card.get_by_role("link").click()
    hint = page.locator(".head > .hint")
    expect_in_time(page, hint, HERE)
    expect(hint).to_contain_text("It goes on where it was begun")
    assert send_rest().status_code == 204
    expect(hint).to_be_hidden()
    expect(page.get_by_role("button", name="Make highlights")).to_be_visible(timeout=PATIENCE_MS)
    assert httpx.get(f"{system.base_url}/v1/analyses/{analysis}").json()["state"] == "SUCCEEDED"


def test_where_it_began_a_viewer_is_told_to_choose_the_file_again(watched, system, broken_off):
    page, (analysis, _) = watched.page, broken_off
    page.clock.install()
    page.goto(system.base_url)
    begun = {"fingerprint": "half.mp4/1/1", "analysis": analysis, "name": "half.mp4"}
    begun |= {"size_bytes": 1, "address": "/v1/uploads/none", "begun_ms": time.time() * 1000}
    keep = "kept => localStorage.setItem('emotionmap-uploads', JSON.stringify([kept]))"
    page.evaluate(keep, begun)
    page.goto(f"{system.base_url}/#/a/{analysis}")
    expect_in_time(page, page.locator(".head > .hint"), "choose the same file again on the first")


@pytest.mark.parametrize("where", ["analysis", "library"])
def test_an_early_analysis_is_deleted_without_a_word_while_its_video_comes(
    watched, system, web_video, where
):
    page = watched.page
    page.goto(system.base_url)
    slow(page, 500_000)
    page.set_input_files("#file", web_video)
    row(page, "web.mp4").get_by_role("link", name="Open web.mp4").click()
    expect(page.locator(".title-row h1")).to_have_text("web.mp4")
    analysis = page.url.rpartition("/")[2]
    if where == "library":
        page.get_by_role("link", name="EmotionMap").click()
    place = page.locator(".recent-card").first if where == "library" else page
    place.get_by_role("button", name="Delete").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(page.locator(".upload-row")).to_have_count(0)
    expect(page.get_by_text("Choose videos")).to_be_visible()
    page.wait_for_timeout(2500)  # for what would still be asked for: the console must stay empty
    assert httpx.get(f"{system.base_url}/v1/analyses/{analysis}").status_code == 404
    page.reload()
    expect(page.get_by_role("heading", name="Not finished")).to_be_hidden()
