"""Uploads and what becomes of them, told truly and out of the way of everything else."""

from __future__ import annotations

import re
import signal

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.uploading import SHARE, in_fragments, row, slow
from tests.browser.viewer import PATIENCE_MS, await_true

pytestmark = [pytest.mark.browser, pytest.mark.e2e]

END_S = "Number(document.querySelector('emotion-timeline .track')?.ariaValueMax)"
SHARE_SENT = re.compile(r"MB of 8\.\d MB")


def analyses(system, title: str) -> int:
    """Number of those with a title."""
    query = {"q": title, "limit": 100}
    return len(httpx.get(f"{system.base_url}/v1/analyses", params=query).json()["analyses"])


def test_an_analysis_begins_and_is_opened_before_the_last_byte(watched, system, web_video):
    page, before = watched.page, analyses(system, "web.mp4")
    page.goto(system.base_url)
    hurry = slow(page, 500_000)
    page.set_input_files("#file", web_video)
    sent = row(page, "web.mp4")
    sent.get_by_role("link", name="Open web.mp4").click()
    expect(page.locator(".title-row h1")).to_have_text("web.mp4")
    expect(sent).to_contain_text(SHARE_SENT)
    assert analyses(system, "web.mp4") == before + 1
    assert page.evaluate(SHARE) < 1
    hurry()
    await_true(page, "document.querySelector('video')?.readyState >= 2")
    expect(page.locator(".uploads")).to_be_hidden(timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Make highlights")).to_be_visible(timeout=PATIENCE_MS)
    assert analyses(system, "web.mp4") == before + 1


def test_a_film_of_unknown_length_becomes_longer_as_it_comes(
    watched, system, astronaut_video, tmp_path
):
    page = watched.page
    page.goto(system.base_url)
    hurry = slow(page, 400_000)
    page.set_input_files("#file", in_fragments(astronaut_video, tmp_path / "live.mp4"))
    row(page, "live.mp4").get_by_role("link", name="Open live.mp4").click(timeout=PATIENCE_MS)
    expect(page.locator(".title-row h1")).to_have_text("live.mp4")
    await_true(page, f"{END_S} > 5 && {END_S} < 15")
    assert page.evaluate(SHARE) < 1
    hurry()
    await_true(page, f"{END_S} > 16")
    await_true(page, "document.querySelector('video')?.readyState >= 2")
    expect(page.get_by_role("button", name="Make highlights")).to_be_visible(timeout=PATIENCE_MS)
    page.reload()
    await_true(page, "document.querySelector('video')?.readyState >= 2")


def test_an_early_analysis_is_cancelled_with_its_upload(watched, system, web_video):
    page, before = watched.page, analyses(system, "web.mp4")
    page.goto(system.base_url)
    slow(page)
    page.set_input_files("#file", web_video)
    expect(page.get_by_role("link", name="Open web.mp4")).to_be_visible()
    assert analyses(system, "web.mp4") == before + 1
    page.get_by_role("button", name="Cancel the upload of web.mp4").click()
    expect(page.locator(".upload-row")).to_have_count(0)
    for _ in range(100):
        if analyses(system, "web.mp4") == before:
            break
        page.wait_for_timeout(50)
    assert analyses(system, "web.mp4") == before
    page.reload()
    expect(page.get_by_role("heading", name="Not finished")).to_be_hidden()


def test_rows_say_what_becomes_of_an_upload(watched, system, astronaut_video, tmp_path):
    page = watched.page
    second = tmp_path / "second.mp4"
    second.write_bytes(astronaut_video.read_bytes())
    face = system.processes["face"]
    face.send_signal(signal.SIGSTOP)
    page.goto(system.base_url)
    page.set_input_files("#file", [astronaut_video, second])
    expect(row(page, "second.mp4")).to_contain_text("Uploaded. Analysing")
    face.send_signal(signal.SIGCONT)
    for name in (astronaut_video.name, "second.mp4"):
        expect(row(page, name)).to_contain_text("Ready to watch", timeout=PATIENCE_MS)
        expect(row(page, name).get_by_role("progressbar")).to_be_hidden()
    page.get_by_role("link", name="Open second.mp4").click()
    expect(page.locator(".title-row h1")).to_have_text("second.mp4")
    expect(page.locator(".upload-row")).to_have_count(0)


def test_a_tray_shows_what_needs_attention_and_no_more(watched, system, web_video, analysed):
    page = watched.page
    empty = web_video.parent / "empty.mp4"
    empty.touch()
    page.goto(system.base_url)
    slow(page)
    page.set_input_files("#file", [web_video, empty])
    expect(row(page, "empty.mp4")).to_contain_text("is empty")
    page.goto(analysed.url)
    expect(row(page, "web.mp4")).to_contain_text(SHARE_SENT)
    expect(row(page, "empty.mp4")).to_be_hidden()
    expect(row(page, "web.mp4")).to_contain_text("Ready to watch", timeout=PATIENCE_MS)
    expect(page.locator(".uploads")).to_be_hidden()
    page.get_by_role("link", name="EmotionMap").click()
    expect(row(page, "web.mp4")).to_contain_text("Ready to watch")
    expect(row(page, "empty.mp4")).to_contain_text("is empty")


FAILURES = {
    "SERVICE_UNAVAILABLE": ["could not be reached", "not to blame"],
    "MEDIA_UNREADABLE": ["No.", "save it as MP4"],
    "MODEL_UNAVAILABLE": ["lacks a model", "Tell whoever runs EmotionMap"],
    "FRAME_INVALID": ["went wrong", "this word: FRAME_INVALID"],
}
"""Reasons of failed analyses, and what is said of them."""


@pytest.mark.parametrize("reason", FAILURES)
def test_a_failed_analysis_says_why_and_what_to_do(watched, system, analysed, reason):
    page, path = watched.page, f"**/v1/analyses/{analysed.job['id']}"
    failed = analysed.job | {"state": "FAILED", "failure": {"reason": reason, "message": "No."}}
    page.route(path, lambda route: route.fulfill(json=failed))
    page.route(f"{path}/events", lambda route: route.fulfill(status=204))
    page.goto(analysed.url)
    for words in FAILURES[reason]:
        expect(page.get_by_role("alert")).to_contain_text(words)


def test_a_failure_is_told_in_its_row_and_the_file_sent_again(watched, system, astronaut_video):
    page = watched.page
    failure = {"state": "FAILED", "failure": {"reason": "INTERNAL", "message": "See the log."}}
    creation = re.compile(r"/v1/analyses$")
    page.route(
        creation, lambda route: route.fulfill(json=route.fetch().json() | failure, status=202)
    )
    page.goto(system.base_url)
    page.set_input_files("#file", astronaut_video)
    told = row(page, astronaut_video.name)
    expect(told.get_by_role("alert")).to_contain_text("Your video is not to blame")
    page.unroute(creation)
    told.get_by_role("button", name=f"Try {astronaut_video.name} again").click()
    expect(page.locator(".title-row h1")).to_have_text(astronaut_video.name, timeout=PATIENCE_MS)
