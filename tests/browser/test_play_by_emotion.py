"""Playing a film by its emotions: jumps, margins, presets, and the way out of what is skipped."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.viewer import await_true, choose, click_timeline, notice, time_s

pytestmark = [pytest.mark.browser, pytest.mark.e2e]

FRAME_S = 1 / 25

# Each picture that is presented, and how loud it is then.
WATCH_PICTURES = """() => {
  const video = document.querySelector('video');
  window.pictures = [];
  const note = (_, { mediaTime }) => {
    window.pictures.push([mediaTime, video.volume]);
    video.requestVideoFrameCallback(note);
  };
  video.requestVideoFrameCallback(note);
}"""


def leaked(pictures: list[float], ranges: list[tuple[float, float]]) -> list[list[float]]:
    """Return the pictures outside of the ranges, those of one jump together."""
    groups: list[list[float]] = []
    before_outside = False
    for at_s in pictures:
        outside = not any(start - 0.005 <= at_s < end - 0.005 for start, end in ranges)
        if outside and before_outside:
            groups[-1].append(at_s)
        elif outside:
            groups.append([at_s])
        before_outside = outside
    return groups


def scattered(analysed) -> str:
    """Return the emotion with most stretches; there are several, so that there is a jump."""
    emotion = max(analysed.timeline["analytics"]["seconds"], key=lambda e: len(analysed.ranges(e)))
    assert len(analysed.ranges(emotion)) >= 2
    return emotion


def test_no_more_than_one_picture_leaks_at_a_jump(page, analysed):
    emotion = scattered(analysed)
    ranges = analysed.ranges(emotion)
    choose(page, emotion)
    page.evaluate("(at) => { document.querySelector('video').currentTime = at }", ranges[0][0])
    page.evaluate(WATCH_PICTURES)
    page.keyboard.press("k")
    await_true(page, "window.pictures.length > 5 && document.querySelector('video').paused")
    pictures = [at_s for at_s, _ in page.evaluate("window.pictures")]
    assert all(len(group) <= 1 for group in leaked(pictures, ranges))
    assert pictures[-1] > ranges[-1][0]


def test_the_sound_is_soft_around_a_jump(page, analysed):
    emotion = scattered(analysed)
    choose(page, emotion)
    start_s = analysed.ranges(emotion)[0][1] - 0.6
    next_s = analysed.ranges(emotion)[1][0]
    page.evaluate("(at) => { document.querySelector('video').currentTime = at }", start_s)
    page.evaluate("""() => {
      const video = document.querySelector('video');
      window.volumes = [];
      video.addEventListener('volumechange', () => window.volumes.push(video.volume));
    }""")
    page.keyboard.press("k")
    await_true(page, f"document.querySelector('video').currentTime > {next_s + 0.2}")
    volumes = page.evaluate("window.volumes")
    assert min(volumes) == 0
    await_true(page, "document.querySelector('video').volume > 0.9")


def test_a_jump_says_what_it_skipped_and_can_be_watched_after_all(page, analysed):
    start, _ = analysed.ranges("Unsure")[0]
    choose(page, "Unsure")
    page.keyboard.press("k")
    expect(notice(page)).to_have_text(re.compile(r"^Skipped (mostly )?\w+, [\d.]+ s$"))
    page.get_by_role("button", name="Watch it").click()
    expect(page.locator(".roaming")).to_contain_text("Outside your choice")
    assert time_s(page) < start
    page.get_by_role("button", name="Skip there now").click()
    assert time_s(page) >= start - FRAME_S


def test_who_goes_into_what_was_skipped_is_told_only_the_way_out(page, analysed):
    choose(page, "Unsure")
    page.keyboard.press("k")
    expect(page.get_by_role("button", name="Watch it")).to_be_visible()
    page.evaluate("document.querySelector('video').currentTime = 0.5")
    expect(page.locator(".roaming")).to_be_visible()
    expect(page.get_by_role("button", name="Watch it")).to_be_hidden()


def test_a_viewer_in_a_skipped_part_is_not_trapped(page, analysed):
    start = next(start for start, _ in analysed.ranges("Unsure") if start >= 2)
    choose(page, "Unsure")
    click_timeline(page, (start - 1.5) / analysed.timeline["duration"])
    expect(page.locator(".roaming")).to_be_visible()
    page.keyboard.press("k")
    await_true(page, f"document.querySelector('video').currentTime > {start + 0.2}")
    expect(page.locator(".roaming")).to_be_hidden()


def test_margins_and_the_shortest_piece_change_what_plays(page, analysed):
    choose(page, analysed.main_emotion)
    summary = page.locator("emotion-filter .summary")
    before = summary.text_content()
    page.get_by_text("Margins and length").click()
    page.get_by_role("slider", name="Lead-in before each piece").fill("1")
    expect(summary).not_to_have_text(before)
    expect(page).to_have_url(re.compile("lead_in=1"))
    page.get_by_role("slider", name="Shortest piece").fill("30")
    expect(summary).to_contain_text("No piece lasts 30 s")


def test_presets_choose_and_give_back(page, analysed):
    laughs = page.get_by_role("button", name="Only the laughs")
    scary = page.get_by_role("button", name="Skip the scary parts")
    scary.click()
    expect(scary).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".chip[aria-pressed=true]")).to_have_count(7)
    laughs.click()
    expect(page.locator(".chip[aria-pressed=true]")).to_contain_text("Happy")
    laughs.click()
    expect(scary).to_contain_text("nothing to skip")
    expect(page.get_by_role("button", name="All", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def test_the_strongest_moments_play_again(page):
    moments = page.locator(".moment")
    assert 1 <= moments.count() <= 6
    page.get_by_role("button", name="Rewatch all").click()
    await_true(page, "!document.querySelector('video').paused")
    expect(page.get_by_text("Plays the strongest moments.")).to_be_visible()
    page.get_by_role("button", name="Back to everything").click()
    expect(page.get_by_text("Choose, and the rest is skipped.")).to_be_visible()


def test_a_link_carries_choice_and_position(watched, analysed):
    watched.page.goto(f"{analysed.url}?emotions=Unsure&shortest=2&t=6.5")
    page = watched.page
    expect(page.locator(".chip[aria-pressed=true]")).to_contain_text("Unsure")
    await_true(page, "document.querySelector('video')?.currentTime > 6")
    assert time_s(page) == pytest.approx(6.5, abs=0.05)
