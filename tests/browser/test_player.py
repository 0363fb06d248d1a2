"""The player in a real browser, against the real system: what a viewer sees and does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import av
import pytest
from playwright.sync_api import expect

from tests.browser.viewer import (
    PATIENCE_MS,
    await_true,
    choose,
    click_timeline,
    notice,
    slider,
    time_s,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.browser, pytest.mark.e2e]

FRAME_S = 1 / 25
LEAK_S = 2 * FRAME_S + 0.02
"""What may play of an unchosen part at a jump: two frames, and the 20 ms between two samples."""

# Looks at the clock every 20 ms, as long as the media plays.
WATCH_CLOCK = """() => {
  const video = document.querySelector('video');
  window.clock = [];
  setInterval(() => {
    if (!video.paused && !video.seeking) window.clock.push(video.currentTime);
  }, 20);
}"""

PIXEL_AT = """([share]) => {
  const canvas = document.querySelector('emotion-timeline .bands');
  const [x, y] = [Math.floor(share * canvas.width), canvas.height - 1];
  return [...canvas.getContext('2d').getImageData(x, y, 1, 1).data].slice(0, 3);
}"""

COLOUR_OF = """([name]) => {
  const hex = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}"""


def is_within(at_s: float, ranges: list[tuple[float, float]], slack_s: float) -> bool:
    return any(start - slack_s <= at_s <= end + slack_s for start, end in ranges)


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


def test_dragging_along_the_scores_seeks(page, analysed):
    page.locator(".scores").scroll_into_view_if_needed()
    box = page.locator(".scores").bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 20)
    page.mouse.up()
    assert time_s(page) == pytest.approx(0.6 * analysed.timeline["duration"], abs=0.1)


def test_play_says_when_nothing_matches(page, analysed):
    seconds = analysed.timeline["analytics"]["seconds"]
    choose(page, next(emotion for emotion, each in seconds.items() if each == 0))
    page.keyboard.press("k")
    expect(notice(page)).to_have_text("No moment matches what you chose")
    assert time_s(page) == 0


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
    expect(notice(page)).to_contain_text("Skipped")


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
    await_true(page, "document.querySelector('video').ended")
    expect(page.locator(".badge")).to_contain_text(last)
    expect(slider(page)).to_have_attribute("aria-valuetext", re.compile(last))
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
    assert time_s(page) == pytest.approx(1, abs=0.05)
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


def test_the_figures_and_people_of_the_whole_are_shown(page, analysed):
    cards = page.locator(".card")
    expect(cards.filter(has_text="Switches")).to_contain_text(
        str(analysed.timeline["analytics"]["switches"])
    )
    expect(page.locator(".breakdown tbody tr").first).to_contain_text(analysed.main_emotion)
    expect(page.locator(".person")).to_have_count(len(analysed.timeline["people"]))


def test_media_that_the_browser_cannot_play_leave_timeline_and_charts(watched, analysed):
    page = watched.page
    page.route("**/media", lambda r: r.fulfill(body=b"no film", content_type="video/mpeg"))
    page.goto(analysed.url)
    expect(page.get_by_text("cannot play this file")).to_be_visible()
    middle_s = sum(analysed.ranges("Unsure")[0]) / 2
    click_timeline(page, middle_s / analysed.timeline["duration"])
    expect(page.locator(".badge")).to_contain_text("Unsure")
    expect(page.locator(".card")).to_have_count(4)


@pytest.mark.parametrize("width_px", [360, 768])
def test_a_narrow_page_does_not_scroll_sideways(page, width_px):
    page.set_viewport_size({"width": width_px, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == width_px
