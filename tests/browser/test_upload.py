"""Uploads in a real browser: several in a row, broken connections, closed tabs, refusals."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from tests import client
from tests.browser.uploading import SHARE, padded, row, slow
from tests.browser.viewer import PATIENCE_MS, await_true

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.browser, pytest.mark.e2e]


@pytest.fixture
def large_video(astronaut_video, tmp_path: Path) -> Path:
    """The clip, its index at the end, with 8 MB after it."""
    return padded(astronaut_video, tmp_path / "large.mp4")


def offsets(page) -> list[int]:
    """Return where each request for bytes begins, as they come."""
    seen: list[int] = []
    page.on(
        "request",
        lambda r: r.method == "PATCH" and seen.append(int(r.headers["upload-offset"])),
    )
    return seen


def test_progress_and_speed_are_told_and_end_in_the_analysis(watched, system, large_video):
    page = watched.page
    page.goto(system.base_url)
    slow(page)
    page.set_input_files("#file", large_video)
    expect(row(page, "large.mp4")).to_contain_text(
        re.compile(r"MB of 8\.\d MB\s· .*B/s\s· \d+ s left")
    )
    shares = [page.evaluate(SHARE)]
    await_true(page, f"({SHARE}) > 0.5")
    assert shares[0] < 0.5
    expect(page.locator(".title-row h1")).to_have_text("large.mp4", timeout=PATIENCE_MS)
    expect(page.locator(".upload-row")).to_have_count(0)


def test_a_lost_connection_is_gone_on_with_by_itself(watched, system, large_video):
    page = watched.page
    begun = offsets(page)
    page.goto(system.base_url)
    slow(page)
    page.set_input_files("#file", large_video)
    await_true(page, f"({SHARE}) > 0.3")
    system.kill("gateway")
    expect(row(page, "large.mp4")).to_contain_text("Connection lost at")
    expect(page.locator(".title-row h1")).to_have_text("large.mp4", timeout=PATIENCE_MS)
    assert begun[0] == 0
    assert begun[-1] > 0
    watched.errors.clear()


def test_a_closed_tab_loses_nothing(watched, system, large_video):
    first = watched.page.context.new_page()
    first.goto(system.base_url)
    slow(first)
    first.set_input_files("#file", large_video)
    await_true(first, f"({SHARE}) > 0.3")
    first.goto("about:blank")
    first.close()
    page = watched.page
    begun = offsets(page)
    page.goto(system.base_url)
    unfinished = page.locator("emotion-unfinished")
    expect(unfinished).to_contain_text(re.compile(r"\d+ % of 8\.\d MB are here"))
    with page.expect_file_chooser() as chooser:
        unfinished.get_by_role("button", name="Choose large.mp4 again").click()
    chooser.value.set_files(large_video)
    expect(page.locator(".title-row h1")).to_have_text("large.mp4", timeout=PATIENCE_MS)
    assert begun[0] > 0


def test_several_are_sent_one_after_another_and_one_can_be_cancelled(
    watched, system, astronaut_video, large_video, tmp_path
):
    page = watched.page
    second = tmp_path / "second.mp4"
    second.write_bytes(astronaut_video.read_bytes())
    page.goto(system.base_url)
    slow(page)
    page.set_input_files("#file", [large_video, second, astronaut_video])
    expect(row(page, "second.mp4")).to_contain_text("Waiting for the one before")
    page.get_by_role("button", name="Cancel the upload of second.mp4").click()
    page.get_by_role("button", name="Cancel the upload of large.mp4").click()
    expect(page.locator(".title-row h1")).to_have_text(astronaut_video.name, timeout=PATIENCE_MS)
    titles = [a["title"] for a in httpx.get(f"{system.base_url}/v1/analyses").json()["analyses"]]
    assert titles[0] == astronaut_video.name
    assert "second.mp4" not in titles


def test_an_upload_goes_on_in_any_view(watched, system, large_video, analysed):
    page = watched.page
    page.goto(system.base_url)
    slow(page)
    page.set_input_files("#file", large_video)
    await_true(page, f"({SHARE}) > 0.1")
    page.goto(analysed.url)
    expect(page.locator(".title-row h1")).to_have_text(analysed.timeline["title"])
    page.get_by_role("link", name="Open large.mp4").click(timeout=PATIENCE_MS)
    expect(page.locator(".title-row h1")).to_have_text("large.mp4")


def test_a_refusal_says_what_to_do(watched, system, tmp_path):
    page = watched.page
    bad, empty = tmp_path / "notes.mp4", tmp_path / "empty.mp4"
    bad.write_bytes(b"these are only notes\n" * 40)
    empty.touch()
    detail = client.create(system.base_url, bad).json()["detail"]
    page.goto(system.base_url)
    page.set_input_files("#file", [empty, bad])
    expect(row(page, "empty.mp4").get_by_role("alert")).to_contain_text("is empty")
    refused = row(page, "notes.mp4").get_by_role("alert")
    expect(refused).to_contain_text(detail)
    expect(refused).to_contain_text("save it as MP4")
    expect(page.get_by_role("button", name=re.compile("^Try .* again$"))).to_have_count(0)
    # Chromium itself logs each response of 4xx; nothing else may be there.
    assert all("status of 400" in error for error in watched.errors)
    watched.errors.clear()


def test_a_server_that_was_away_is_asked_again(watched, system, astronaut_video):
    page = watched.page
    page.goto(system.base_url)
    page.route("**/v1/analyses", lambda route: route.abort())
    page.set_input_files("#file", astronaut_video)
    expect(row(page, astronaut_video.name)).to_contain_text("goes on by itself")
    page.unroute("**/v1/analyses")
    expect(page.locator(".title-row h1")).to_have_text(astronaut_video.name, timeout=PATIENCE_MS)
    watched.errors.clear()


def test_the_example_is_one_click_away_and_worth_it(watched, system):
    page = watched.page
    page.goto(system.base_url)
    page.get_by_role("button", name="Try the example video").click()
    expect(page.locator(".title-row h1")).to_have_text("Example.mp4", timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Make highlights")).to_be_visible(timeout=PATIENCE_MS)
    shown = page.locator(".breakdown tbody tr")
    assert shown.count() >= 4
    size = httpx.head(f"{system.base_url}/example.mp4").headers["content-length"]
    assert int(size) <= 1_000_000


def test_what_happens_to_a_video_is_told_before_it_is_sent(watched, system):
    watched.page.goto(system.base_url)
    promises = watched.page.locator(".promises")
    for words in ("not a mind reader", "Unsure is an answer", "until you delete it"):
        expect(promises).to_contain_text(words)
