"""The page for everyone: no violation that axe-core knows, in both schemes and on a phone."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import client
from tests.browser.uploading import SHARE, row, slow
from tests.browser.viewer import PATIENCE_MS, await_true, time_s

pytestmark = [pytest.mark.browser, pytest.mark.e2e]

WEB = Path(__file__).parents[2] / "web"
AXE = WEB / "node_modules/axe-core/axe.min.js"
BUDGET_BYTES = 120_000
"""Script of the page, compressed; the video is not counted."""

VIOLATIONS = """async () => {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const { violations } = await axe.run(document, { runOnly: tags });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target}`));
}"""

VIEWS = {
    "analysis": [],
    "help": ["?"],
    "filtered": ["4", "b"],
}
"""Name of a state of the page, and the keys that lead to it."""


def violations(page) -> list[str]:
    """Run axe-core; evaluated from outside, since the page lets no foreign script in."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    # Colours are judged at rest, not halfway through a transition.
    page.emulate_media(reduced_motion="reduce")
    return page.evaluate(VIOLATIONS)


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_has_no_violation(page, view, scheme):
    page.emulate_media(color_scheme=scheme)
    page.get_by_text("Margins and length").click()
    for key in VIEWS[view]:
        page.keyboard.press(key)
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_first_page_has_no_violation(watched, system, analysed, scheme):
    watched.page.emulate_media(color_scheme=scheme)
    watched.page.goto(system.base_url)
    expect(watched.page.locator(".recent-card").first).to_be_visible()
    assert violations(watched.page) == []


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_uploads_have_no_violation(watched, system, analysed, web_video, scheme, tmp_path):
    page, empty = watched.page, tmp_path / "empty.mp4"
    empty.touch()
    page.emulate_media(color_scheme=scheme)
    page.goto(system.base_url)
    hurry = slow(page, 400_000)
    page.set_input_files("#file", [web_video, empty])
    expect(page.get_by_role("link", name="Open web.mp4")).to_be_visible()
    assert violations(page) == on_a_phone(page) == []
    page.goto(analysed.url)
    expect(page.get_by_role("button", name="Make highlights")).to_be_visible()
    assert page.evaluate(SHARE) < 1
    assert violations(page) == []
    hurry()
    page.get_by_role("link", name="EmotionMap").click()
    expect(row(page, "web.mp4")).to_contain_text("Ready to watch", timeout=PATIENCE_MS)
    assert violations(page) == []


def on_a_phone(page) -> list[str]:
    """Violations at 390 px, where nothing may stand out on the side."""
    page.set_viewport_size({"width": 390, "height": 844})
    found = violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.set_viewport_size({"width": 1440, "height": 900})
    return found


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_a_comparison_has_no_violation(watched, system, analysed, astronaut_video, scheme):
    page = watched.page
    location = client.create(system.base_url, astronaut_video).headers["location"]
    assert client.wait(f"{system.base_url}{location}")["state"] == "SUCCEEDED"
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{system.base_url}/#/compare/{analysed.job['id']}/{location.rsplit('/', 1)[-1]}")
    expect(page.locator(".compare-table").first).to_be_visible()
    assert violations(page) == on_a_phone(page) == []


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_page_for_an_iframe_has_no_violation(watched, system, analysed, scheme):
    page = watched.page
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{system.base_url}/embed.html#/a/{analysed.job['id']}")
    expect(page.get_by_role("heading", level=1)).to_have_text(analysed.timeline["title"])
    expect(page.get_by_role("slider", name="Emotion timeline")).to_be_visible()
    assert violations(page) == on_a_phone(page) == []


def test_a_phone_has_no_violation_and_large_enough_targets(page):
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert violations(page) == []


def test_everything_is_reached_and_told_by_keyboard(page):
    """From the top by Tab alone: player, timeline, choice; each with a name."""
    seen: list[str] = []
    for _ in range(70):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.textContent")
        )
    assert all(name.strip() for name in seen)
    for name in ("Play", "Seek", "Emotion timeline", "Zoom in", "Only the laughs", "Rename"):
        assert any(name in each for each in seen), name


def test_live_announcements_say_what_happens(page):
    page.keyboard.press("4")
    expect(page.locator("emotion-filter [aria-live=polite]")).to_contain_text("Plays")
    expect(page.locator(".stage [role=status]").first).to_be_attached()


def test_the_scheme_can_be_chosen_and_is_kept(page):
    def background() -> str:
        return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")

    page.get_by_role("button", name="Colours: as the system").click()
    dark = background()
    page.get_by_role("button", name="Colours: dark").click()
    assert background() != dark
    page.reload()
    expect(page.get_by_role("button", name="Colours: light")).to_be_visible()
    assert background() != dark


def test_reduced_motion_moves_nothing(page):
    page.emulate_media(reduced_motion="reduce")
    moving = page.evaluate(
        "document.getAnimations().filter((a) => a.playState === 'running').length"
    )
    assert moving == 0


def test_a_finger_seeks_on_a_phone(browser, analysed):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(analysed.url)
    await_true(page, "document.querySelector('video')?.readyState >= 2")
    box = page.get_by_role("slider", name="Emotion timeline").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + 20)
    assert time_s(page) == pytest.approx(analysed.timeline["duration"] / 2, abs=0.2)
    context.close()


def test_the_script_is_small(system):
    scripts = list((WEB / "dist/assets").glob("*.js"))
    assert scripts
    assert sum(len(gzip.compress(path.read_bytes())) for path in scripts) <= BUDGET_BYTES
