"""The page in a real browser, against the real system: what a viewer sees, clicks and hears of."""

from __future__ import annotations

import itertools
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import av
import httpx
import pytest
from playwright.sync_api import expect, sync_playwright

from tests import client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.e2e]

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FRAME_S = 1 / 25
LEAK_S = 2 * FRAME_S + 0.02
"""What may play of an unchosen part at a jump: two frames, and the 20 ms between two samples."""
PATIENCE_MS = 120_000
"""For an analysis or a cut, on a busy machine."""
EXPECT_MS = 30_000
"""For everything else."""

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

# Looks at the clock every 20 ms, as long as the media plays.
WATCH_CLOCK = """() => {
  const video = document.querySelector('video');
  window.clock = [];
  setInterval(() => {
    if (!video.paused && !video.seeking) window.clock.push(video.currentTime);
  }, 20);
}"""

PIXEL_AT = """([share]) => {
  const canvas = document.querySelector('emotion-timeline:not([strip]) canvas');
  const [x, y] = [Math.floor(share * canvas.width), canvas.height - 3];
  return [...canvas.getContext('2d').getImageData(x, y, 1, 1).data].slice(0, 3);
}"""

COLOUR_OF = """([name]) => {
  const hex = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}"""


@dataclass(slots=True)
class Watched:
    """A page, and what went wrong on it."""

    page: Page
    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Analysed:
    """An analysis that succeeded, made over HTTP."""

    url: str
    timeline: dict[str, Any]

    @property
    def main_emotion(self) -> str:
        return self.timeline["analytics"]["top"][0]

    def ranges(self, emotion: str) -> list[tuple[float, float]]:
        """Merged stretches of an emotion, seconds."""
        groups = itertools.groupby(self.timeline["intervals"], key=lambda i: i["emotion"])
        stretches = [(name, list(group)) for name, group in groups]
        return [(g[0]["start"], g[-1]["end"]) for name, g in stretches if name == emotion]


@pytest.fixture(scope="module")
def browser(chromium) -> Iterator[Browser]:
    expect.set_options(timeout=EXPECT_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGS)
        yield launched
        launched.close()


@pytest.fixture
def watched(browser, system) -> Iterator[Watched]:
    """A fresh page; at its end, it must have logged no error and asked no other host."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    seen = Watched(context.new_page())
    seen.page.set_default_timeout(EXPECT_MS)
    seen.page.on("console", lambda m: seen.errors.append(m.text) if m.type == "error" else None)
    seen.page.on("pageerror", lambda error: seen.errors.append(str(error)))
    seen.page.on("request", lambda r: seen.hosts.add(urlsplit(r.url).netloc))
    yield seen
    context.close()
    assert seen.errors == []
    assert seen.hosts - {""} <= {urlsplit(system.base_url).netloc}


@pytest.fixture(scope="module")
def analysed(system, astronaut_video) -> Analysed:
    location = client.create(system.base_url, astronaut_video).headers["location"]
    assert client.wait(f"{system.base_url}{location}")["state"] == "SUCCEEDED"
    timeline = httpx.get(f"{system.base_url}{location}/timeline", timeout=30).json()
    return Analysed(f"{system.base_url}/#/a/{location.rsplit('/', 1)[-1]}", timeline)


@pytest.fixture
def page(watched, analysed) -> Page:
    """The finished analysis, its video loaded."""
    watched.page.goto(analysed.url)
    await_true(watched.page, "document.querySelector('video')?.readyState >= 2")
    expect(watched.page.get_by_role("button", name="Make highlights")).to_be_visible()
    return watched.page


def await_true(page: Page, expression: str) -> None:
    """Wait for an expression; unlike wait_for_function, without the eval that the page forbids."""
    deadline_s = time.monotonic() + PATIENCE_MS / 1000
    while not page.evaluate(expression):
        assert time.monotonic() < deadline_s, f"never true: {expression}"
        page.wait_for_timeout(20)


def time_s(page: Page) -> float:
    return page.evaluate("document.querySelector('video').currentTime")


def slider(page: Page) -> Any:
    return page.get_by_role("slider", name="Emotion timeline")


def click_timeline(page: Page, share: float) -> None:
    box = slider(page).locator(".track").bounding_box()
    page.mouse.click(box["x"] + share * box["width"], box["y"] + box["height"] / 2)


def choose(page: Page, emotion: str) -> None:
    page.get_by_role("button", name=f"Only {emotion}").evaluate("button => button.click()")


def is_within(at_s: float, ranges: list[tuple[float, float]], slack_s: float) -> bool:
    return any(start - slack_s <= at_s <= end + slack_s for start, end in ranges)


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


def test_every_interval_has_a_band_in_the_colour_of_its_emotion(page, analysed):
    duration_s = analysed.timeline["duration"]
    for interval in analysed.timeline["intervals"]:
        middle = (interval["start"] + interval["end"]) / 2 / duration_s
        colour = page.evaluate(COLOUR_OF, [f"--{interval['emotion'].lower()}"])
        assert page.evaluate(PIXEL_AT, [middle]) == pytest.approx(colour, abs=4), interval


def test_the_label_on_the_picture_is_that_of_the_moment(page, analysed):
    for interval in analysed.timeline["intervals"][1:14:4]:
        middle_s = (interval["start"] + interval["end"]) / 2
        click_timeline(page, middle_s / analysed.timeline["duration"])
        expect(page.locator(".badge")).to_contain_text(interval["emotion"])
        expect(slider(page)).to_have_attribute("aria-valuetext", re.compile(interval["emotion"]))


def test_a_click_on_the_timeline_seeks(page, analysed):
    for share in (0.75, 0.25):
        click_timeline(page, share)
        assert time_s(page) == pytest.approx(share * analysed.timeline["duration"], abs=0.1)


def test_only_the_chosen_emotion_plays(page, analysed):
    ranges = analysed.ranges(analysed.main_emotion)
    choose(page, analysed.main_emotion)
    page.evaluate(WATCH_CLOCK)
    page.keyboard.press("k")
    await_true(page, "window.clock.length > 0 && document.querySelector('video').paused")
    played = page.evaluate("window.clock")
    assert [at for at in played if not is_within(at, ranges, LEAK_S)] == []
    for start, end in ranges:
        assert any(start <= at <= end for at in played), f"skipped {start} to {end} as well"


def test_play_before_the_first_chosen_part_jumps_to_it_and_says_so(page, analysed):
    start, end = analysed.ranges("Unsure")[0]
    choose(page, "Unsure")
    page.keyboard.press("k")
    await_true(page, f"document.querySelector('video').currentTime >= {start}")
    assert start <= time_s(page) < end
    expect(page.locator(".skip-notice")).to_contain_text("Skipped")


def test_playback_stops_at_the_end_of_the_last_chosen_part(page, analysed):
    _, end = analysed.ranges("Unsure")[-1]
    choose(page, "Unsure")
    click_timeline(page, (end - 0.6) / analysed.timeline["duration"])
    page.keyboard.press("k")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.get_by_label("Player controls").get_by_role("button", name="Play")).to_be_visible()
    assert time_s(page) == pytest.approx(end, abs=0.15)


def test_a_seek_into_an_unchosen_part_is_respected(page, analysed):
    start = next(start for start, _ in analysed.ranges("Unsure") if start >= 2)
    choose(page, "Unsure")
    click_timeline(page, (start - 1.5) / analysed.timeline["duration"])
    sought_s = time_s(page)
    page.evaluate(WATCH_CLOCK)
    page.keyboard.press("k")
    await_true(page, f"document.querySelector('video').currentTime > {start + 0.2}")
    played = page.evaluate("window.clock")
    assert any(sought_s + 0.2 < at < start - 0.2 for at in played)


def test_play_after_the_end_begins_with_the_first_chosen_part(page, analysed):
    last = analysed.timeline["intervals"][-1]["emotion"]
    choose(page, last)
    page.keyboard.press("l")
    page.evaluate("document.querySelector('video').currentTime = 1e6")
    page.keyboard.press("k")
    await_true(page, "!document.querySelector('video').paused")
    assert is_within(time_s(page), analysed.ranges(last), LEAK_S)


def test_the_keyboard_plays_seeks_and_chooses(page):
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("k")
    expect(page.get_by_label("Player controls").get_by_role("button", name="Play")).to_be_visible()
    before_s = time_s(page)
    page.keyboard.press("l")
    assert time_s(page) == pytest.approx(before_s + 10, abs=0.05)
    page.keyboard.press("ArrowLeft")
    assert time_s(page) == pytest.approx(before_s + 5, abs=0.05)
    page.keyboard.press("4")
    expect(page.locator(".chip[aria-pressed=true]")).to_contain_text("Happy")
    page.keyboard.press("m")
    expect(page.get_by_role("button", name="Unmute")).to_be_visible()


def test_next_and_previous_change_of_emotion(page, analysed):
    changes = [b for _, b in analysed.ranges(analysed.timeline["intervals"][0]["emotion"])]
    page.keyboard.press("n")
    assert time_s(page) == pytest.approx(changes[0], abs=0.01)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("p")
    assert time_s(page) >= changes[0] - 0.01


def test_the_timeline_is_a_slider_for_the_keyboard(page):
    slider(page).focus()
    page.keyboard.press("ArrowRight")
    assert time_s(page) == pytest.approx(5, abs=0.05)
    page.keyboard.press("Home")
    assert time_s(page) == 0


def test_help_lists_the_keys_and_closes(page):
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Play or pause")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_highlights_of_the_chosen_emotion_are_a_playable_mp4(page, analysed, tmp_path: Path):
    choose(page, analysed.main_emotion)
    with page.expect_download(timeout=PATIENCE_MS) as download:
        page.get_by_role("button", name="Make highlights").click()
    assert download.value.suggested_filename == "EmotionMap_Highlights.mp4"
    download.value.save_as(tmp_path / "highlights.mp4")
    with av.open(str(tmp_path / "highlights.mp4")) as media:
        frames = sum(1 for _ in media.decode(video=0))
    expected_s = sum(end - start for start, end in analysed.ranges(analysed.main_emotion))
    assert frames * FRAME_S == pytest.approx(expected_s, abs=1.0)


def test_the_timeline_can_be_taken_as_files(page):
    for name in ("JSON", "CSV", "VTT"):
        with page.expect_download() as download:
            page.get_by_role("link", name=name, exact=True).click()
        assert download.value.suggested_filename.endswith(f".emotions.{name.lower()}")


def test_a_reload_keeps_the_analysis_and_the_filter(page, analysed):
    choose(page, "Unsure")
    page.reload()
    expect(page.get_by_role("heading", name=analysed.timeline["title"])).to_be_visible()
    expect(page.locator(".chip[aria-pressed=true]")).to_contain_text("Unsure")


def test_an_analysis_is_found_again_from_the_first_page(page, analysed):
    page.get_by_role("link", name="EmotionMap").click()
    page.locator(".recent-card a").first.click()
    expect(page.get_by_role("heading", name=analysed.timeline["title"])).to_be_visible()


def test_the_figures_and_people_of_the_whole_are_shown(page, analysed):
    cards = page.locator(".card")
    expect(cards.filter(has_text="Switches")).to_contain_text(
        str(analysed.timeline["analytics"]["switches"])
    )
    expect(cards.filter(has_text="Top emotions")).to_contain_text(analysed.main_emotion)
    expect(page.locator(".person")).to_have_count(len(analysed.timeline["people"]))


def test_a_file_that_is_no_video_is_refused_in_one_sentence(watched, system, tmp_path: Path):
    bad = tmp_path / "notes.mp4"
    bad.write_bytes(b"these are only notes\n" * 40)
    problem = client.create(system.base_url, bad).json()
    watched.page.goto(system.base_url)
    watched.page.set_input_files("#file", bad)
    expect(watched.page.get_by_role("alert")).to_have_text(problem["detail"])
    expect(watched.page.get_by_role("button", name="Choose another file")).to_be_visible()
    # Chromium itself logs each response of 4xx; nothing else may be there.
    assert all("status of 400" in error for error in watched.errors)
    watched.errors.clear()


def test_an_unknown_analysis_says_so_and_leads_back(watched, system):
    watched.page.goto(f"{system.base_url}/#/a/00000000-0000-0000-0000-000000000000")
    expect(watched.page.get_by_role("alert")).to_be_visible()
    watched.page.get_by_role("link", name="Analyse another video").click()
    expect(watched.page.get_by_text("Choose a video")).to_be_visible()
    assert all("status of 40" in error for error in watched.errors)
    watched.errors.clear()


def test_an_interrupted_upload_can_be_tried_again(watched, system, astronaut_video):
    page = watched.page
    page.goto(system.base_url)
    page.route("**/v1/analyses", lambda route: route.abort())
    page.set_input_files("#file", astronaut_video)
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    page.unroute("**/v1/analyses")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name=astronaut_video.name)).to_be_visible()
    expect(page.locator(".title-row")).to_be_visible(timeout=PATIENCE_MS)
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


def test_media_that_the_browser_cannot_play_leave_timeline_and_charts(watched, analysed):
    page = watched.page
    page.route("**/media", lambda r: r.fulfill(body=b"no film", content_type="video/mpeg"))
    page.goto(analysed.url)
    expect(page.get_by_text("cannot play this file")).to_be_visible()
    middle_s = sum(analysed.ranges("Unsure")[0]) / 2
    click_timeline(page, middle_s / analysed.timeline["duration"])
    expect(page.locator(".badge")).to_contain_text("Unsure")
    expect(page.locator(".card")).to_have_count(5)


@pytest.mark.parametrize("width_px", [360, 768])
def test_a_narrow_page_does_not_scroll_sideways(page, width_px):
    page.set_viewport_size({"width": width_px, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == width_px
