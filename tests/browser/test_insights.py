"""The figures of a film: what they say, how two films compare, and how they look on paper."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests import client
from tests.browser.viewer import await_true, time_s

pytestmark = [pytest.mark.browser, pytest.mark.e2e]


def percent(share: float) -> str:
    return f"{round(100 * share)} %"


@pytest.fixture(scope="module")
def second_cut(system, astronaut_video) -> str:
    """Id of another analysis, of other length of interval."""
    location = client.create(system.base_url, astronaut_video, interval=2).headers["location"]
    assert client.wait(f"{system.base_url}{location}")["state"] == "SUCCEEDED"
    return location.rsplit("/", 1)[-1]


def test_each_emotion_has_its_share_and_seconds(page, analysed):
    analytics = analysed.timeline["analytics"]
    for emotion, share in analytics["share"].items():
        found = page.locator(f".breakdown tr[data-emotion={emotion}]")
        expect(found).to_have_count(1 if share > 0 else 0)
        if share > 0:
            expect(found).to_contain_text(percent(share))
            expect(found).to_contain_text(f"{round(analytics['seconds'][emotion], 1):g} s")


def test_a_streak_is_where_it_says(page, analysed):
    emotion = analysed.main_emotion
    start, end = max(analysed.ranges(emotion), key=lambda r: (round(r[1] - r[0], 3), -r[0]))
    page.locator(f".breakdown tr[data-emotion={emotion}] button").click()
    assert time_s(page) == pytest.approx(start, abs=0.01)
    streak = page.locator(f".breakdown tr[data-emotion={emotion}] button")
    expect(streak).to_contain_text(f"{round(end - start, 1):g} s from")


def test_the_arc_is_drawn_and_defined(page):
    arc = page.locator(".arc")
    expect(arc).to_have_attribute("aria-label", re.compile("Lowest .* highest .* ends at"))
    assert len(arc.locator(".arc-line").get_attribute("d")) > 500
    expect(page.locator(".arc-part")).to_contain_text("Happy counts +1; Anger, Disgust, Fear")
    cards = page.locator("emotion-insights .card")
    expect(cards.filter(has_text="Volatility")).to_contain_text("half the sum of the seven")
    expect(cards.filter(has_text="Switches")).to_contain_text(re.compile(r"\d"))


def test_each_of_the_strongest_moments_has_a_picture_of_its_emotion(page, analysed):
    moments = page.locator(".moment").all()
    for moment in moments:
        picture, emotion = moment.locator("img"), moment.get_attribute("data-emotion")
        picture.scroll_into_view_if_needed()
        [at_s] = parse_qs(urlsplit(picture.get_attribute("src")).query)["t"]
        assert any(start <= float(at_s) <= end for start, end in analysed.ranges(emotion))
    await_true(
        page, "[...document.querySelectorAll('.moment img')].every((img) => img.naturalWidth > 0)"
    )
    assert page.locator(".moment img").count() == len(moments) > 0


def test_two_analyses_stand_side_by_side(page, analysed, second_cut):
    choice = page.get_by_role("combobox", name="Compare with")
    choice.select_option(f"#/compare/{analysed.job['id']}/{second_cut}")
    expect(page.locator(".sides .panel")).to_have_count(2)
    row = page.locator(f".compare-table tr[data-emotion={analysed.main_emotion}]")
    share = analysed.timeline["analytics"]["share"][analysed.main_emotion]
    expect(row).to_contain_text(percent(share))
    expect(row).to_contain_text("points")
    expect(page.locator(".arc-line")).to_have_count(2)
    assert second_cut in page.url


def test_on_paper_there_are_figures_and_nothing_to_press(page):
    page.emulate_media(media="print")
    for shown in ("emotion-timeline .bands", ".ring", ".breakdown", ".arc", "emotion-people"):
        expect(page.locator(shown)).to_be_visible()
    expect(page.get_by_text("not felt emotion").last).to_be_visible()
    expect(page.get_by_text(re.compile("Analysed by EmotionMap on .*20"))).to_be_visible()
    expect(page.locator(":is(button:not(.link, .moment), select, input):visible")).to_have_count(0)
    for hidden in ("emotion-player", "emotion-filter", "emotion-exports", "emotion-corrections"):
        expect(page.locator(hidden)).to_be_hidden()
    page.emulate_media(media="screen", color_scheme="dark")
    page.evaluate(
        "window.print = () => { window.printed = document.body.parentNode.dataset.theme }"
    )
    page.get_by_role("button", name="Print a report").click()
    await_true(page, "window.printed === 'light'")


TICKS = """() => [...document.querySelectorAll('.ticks span')].map((tick) => {
  const { left, width } = document.querySelector('.bands').getBoundingClientRect();
  return [tick.textContent, (tick.getBoundingClientRect().left - left) / width];
})"""


def test_times_stand_where_they_are_on_paper_too(page, analysed):
    """As wide as paper, and drawn before it was known to be."""
    page.evaluate("window.requestAnimationFrame = () => 0")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 720, "height": 1000})
    ticks = page.evaluate(TICKS)
    assert len(ticks) > 2
    for words, share in ticks:
        minutes, seconds = words.split(":")
        expected = (60 * int(minutes) + int(seconds)) / analysed.timeline["duration"]
        assert share == pytest.approx(expected, abs=0.01)


def test_whoever_asks_the_browser_to_print_gets_light_paper(page, tmp_path):
    page.get_by_role("button", name="Colours: as the system").click()
    page.evaluate("""addEventListener('beforeprint', () => {
      window.printed = getComputedStyle(document.documentElement).getPropertyValue('--happy');
    })""")
    dark = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--happy')")
    page.pdf(path=str(tmp_path / "report.pdf"))
    assert page.evaluate("window.printed") not in (None, "", dark)
    after = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--happy')")
    assert after == dark
