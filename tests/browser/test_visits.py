"""Coming and going in a real browser: addresses, news of an analysis, and its end."""

from __future__ import annotations

import itertools
import signal
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import expect

from tests import client
from tests.browser.viewer import PATIENCE_MS, await_true, choose, notice

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.browser, pytest.mark.e2e]

# Notes each change of the page: is the analysis running, and how many seconds are on the chips.
WATCH_FILLING = """
window.filling = [];
const note = () => {
  const bar = document.querySelector('progress[aria-label="Analysis"]');
  if (bar === null) return;
  const chips = [...document.querySelectorAll('.chip-seconds')];
  const seconds = chips.reduce((sum, chip) => sum + parseFloat(chip.textContent || '0'), 0);
  window.filling.push({ running: !bar.hidden, seconds });
};
const everything = { subtree: true, childList: true, characterData: true };
new MutationObserver(note).observe(document, everything);
"""


def test_an_upload_shows_its_progress_and_fills_the_timeline(watched, system, astronaut_video):
    page = watched.page
    page.add_init_script(WATCH_FILLING)
    page.goto(system.base_url)
    expect(page.get_by_text("not felt emotion")).to_be_visible()
    page.set_input_files("#file", astronaut_video)
    expect(page.get_by_role("heading", name=astronaut_video.name)).to_be_visible()
    expect(page.get_by_role("button", name="Make highlights")).to_be_visible(timeout=PATIENCE_MS)
    notes = page.evaluate("window.filling")
    assert any(note["running"] and note["seconds"] > 0 for note in notes)
    assert notes[-1]["seconds"] == pytest.approx(16.4, abs=0.5)


def test_a_reload_keeps_the_analysis_and_the_filter(page, analysed):
    choose(page, "Unsure")
    page.reload()
    expect(page.get_by_role("heading", name=analysed.timeline["title"])).to_be_visible()
    expect(page.locator(".chip[aria-pressed=true]")).to_contain_text("Unsure")


def test_an_analysis_is_found_again_from_the_first_page(page, analysed):
    page.get_by_role("link", name="EmotionMap").click()
    page.locator(".recent-card a").first.click()
    expect(page.get_by_role("heading", name=analysed.timeline["title"])).to_be_visible()


def test_an_unknown_analysis_says_so_and_leads_back(watched, system):
    watched.page.goto(f"{system.base_url}/#/a/00000000-0000-0000-0000-000000000000")
    expect(watched.page.get_by_role("alert")).to_be_visible()
    watched.page.get_by_role("link", name="Analyse another video").click()
    expect(watched.page.get_by_text("Choose videos")).to_be_visible()
    assert all("status of 40" in error for error in watched.errors)
    watched.errors.clear()


def test_a_refused_stream_of_events_is_asked_for_again(watched, system, astronaut_video):
    page = watched.page
    refusals = itertools.chain([503, 503], itertools.repeat(None))
    page.route(
        "**/events*",
        lambda route: (
            route.continue_() if (code := next(refusals)) is None else route.fulfill(status=code)
        ),
    )
    page.goto(system.base_url)
    page.set_input_files("#file", astronaut_video)
    expect(page.get_by_role("button", name="Make highlights")).to_be_visible(timeout=PATIENCE_MS)
    assert all("503" in error for error in watched.errors)
    watched.errors.clear()


@pytest.fixture
def unfinished(system, astronaut_video) -> Iterator[str]:
    """Path of an analysis that cannot end by itself: the face service stands still."""
    face = system.processes["face"]
    face.send_signal(signal.SIGSTOP)
    yield client.create(system.base_url, astronaut_video).headers["location"]
    face.send_signal(signal.SIGCONT)


def page_address(system: Any, location: str) -> str:
    return f"{system.base_url}/#/a/{location.rsplit('/', 1)[-1]}"


def state(system: Any, location: str) -> Any:
    """State of an analysis, None when it is gone."""
    return httpx.get(f"{system.base_url}{location}", timeout=10).json().get("state")


def test_stopping_an_analysis_asks_first(watched, system, unfinished):
    page = watched.page
    page.goto(page_address(system, unfinished))
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Go on").click()
    assert state(system, unfinished) not in client.FINAL_STATES
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Stop").click()
    expect(page.locator(".state")).to_have_text("Stopped")
    assert state(system, unfinished) == "CANCELLED"


def test_deleting_an_analysis_asks_first_and_leads_back(watched, system, unfinished):
    page = watched.page
    page.goto(page_address(system, unfinished))
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("alertdialog")).to_contain_text("the video and all its results")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    assert state(system, unfinished) not in client.FINAL_STATES
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Choose videos")).to_be_visible()
    assert state(system, unfinished) is None


def test_a_deletion_that_fails_leaves_everything_as_it_was(page, watched):
    page.route(
        "**/v1/analyses/*",
        lambda route: route.abort() if route.request.method == "DELETE" else route.continue_(),
    )
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(notice(page)).to_contain_text("cannot be reached")
    await_true(page, "document.querySelector('video')?.readyState >= 2")
    expect(page.get_by_role("button", name="Make highlights")).to_be_visible()
    assert all("net::ERR_FAILED" in error for error in watched.errors)
    watched.errors.clear()


def test_an_analysis_deleted_elsewhere_says_so(watched, system, unfinished):
    page = watched.page
    page.goto(page_address(system, unfinished))
    expect(page.locator(".state")).to_contain_text("Analysing")
    httpx.delete(f"{system.base_url}{unfinished}", timeout=10)
    expect(page.get_by_role("alert")).to_contain_text("has been deleted")
    expect(page.get_by_role("button", name="Try again")).to_be_hidden()
    assert all("status of 404" in error for error in watched.errors)
    watched.errors.clear()


def test_the_first_page_follows_and_deletes_what_is_unfinished(watched, system, unfinished):
    page = watched.page
    page.goto(system.base_url)
    card = page.locator(".recent-card").first
    expect(card).to_contain_text("analysing")
    httpx.post(f"{system.base_url}{unfinished}/cancel", timeout=10)
    expect(card).to_contain_text("stopped")
    card.get_by_role("button", name="Delete").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    path = page_address(system, unfinished).removeprefix(f"{system.base_url}/")
    expect(page.locator(f"a[href='{path}']")).to_have_count(0)
    assert state(system, unfinished) is None


def test_older_analyses_are_shown_on_demand(watched, system, analysed):
    page = watched.page
    listed = httpx.get(f"{system.base_url}/v1/analyses?limit=1", timeout=10).json()
    pages = [{**listed, "next_cursor": "a b"}, {**listed, "next_cursor": None}]
    asked: list[str] = []

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        route.fulfill(json=pages[len(asked) - 1])

    page.route("**/v1/analyses?*", answer)
    page.goto(system.base_url)
    page.get_by_role("button", name="Show older ones").click()
    expect(page.locator(".recent-card")).to_have_count(2)
    expect(page.get_by_role("button", name="Show older ones")).to_be_hidden()
    assert asked[1].endswith("cursor=a%20b")
