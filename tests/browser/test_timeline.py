"""The timeline in a real browser: drawing, zoom, map, drafts, and three hours of film."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.viewer import await_true, click_timeline, slider, time_s

pytestmark = [pytest.mark.browser, pytest.mark.e2e]

HOURS_S = 10_800
FRAME_MS = 1000 / 60
MOVES = 40

# As a hand on the wheel would, one notch a frame.
WHEEL = """async ([ctrl, by, count]) => {
  const track = document.querySelector('.track');
  const { left, top } = track.getBoundingClientRect();
  for (let i = 0; i < count; i++) {
    track.dispatchEvent(new WheelEvent('wheel', { bubbles: true, cancelable: true,
      clientX: left + 300, clientY: top + 9, ctrlKey: ctrl, shiftKey: !ctrl, deltaY: by }));
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}"""

INK = """() => {
  const canvas = document.querySelector('emotion-timeline .scores');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((each, i) => i % 4 === 3 && each > 0).length / (data.length / 4);
}"""


def interval(sample: dict[str, Any], start_s: float, end_s: float) -> dict[str, Any]:
    """Return a scored interval like another one, at another time, a little different."""
    shares = [1 + math.sin(start_s * (0.01 + 0.003 * k) + 2 * k) for k in range(7)]
    scores = dict(zip(sample["analytics"]["seconds"], shares, strict=False))
    scores = {name: round(share / sum(shares), 4) for name, share in scores.items()}
    best = max(scores, key=scores.__getitem__)
    found = {**sample["intervals"][0], "start": start_s, "end": end_s, "scores": scores}
    return {**found, "emotion": best, "confidence": scores[best], "evidence": "face"}


def shown_part(page) -> tuple[float, float]:
    """Return the visible part, seconds, as the map tells it."""
    view = page.get_by_role("slider", name="Visible part of the timeline")
    words = view.get_attribute("aria-valuetext")
    times = [[int(part) for part in time.split(":")] for time in words.split(" to ")]
    return tuple(sum(n * 60**i for i, n in enumerate(reversed(t))) for t in times)


@pytest.fixture
def long_film(watched, analysed):
    """A page with a timeline of three hours in intervals of a second."""
    every = [interval(analysed.timeline, at, at + 1) for at in range(HOURS_S)]
    film = {**analysed.timeline, "duration": HOURS_S, "intervals": every, "people": []}
    watched.page.route("**/timeline?format=json", lambda route: route.fulfill(json=film))
    # The clip itself has no pictures there.
    picture = {"body": "<svg xmlns='http://www.w3.org/2000/svg'/>", "content_type": "image/svg+xml"}
    watched.page.route("**/thumbnails?*", lambda route: route.fulfill(**picture))
    watched.page.goto(analysed.url)
    expect(watched.page.locator(".moment").first).to_be_visible()
    return watched.page


def test_three_hours_move_within_a_frame(long_film):
    """Thread time, which a busy machine does not stretch; without a graphics card."""
    session = long_film.context.new_cdp_session(long_film)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent_ms() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return 1000 * next(m["value"] for m in metrics if m["name"] == "TaskDuration")

    long_film.evaluate(WHEEL, [True, -60, 12])
    before_ms = spent_ms()
    long_film.evaluate(WHEEL, [False, 40, MOVES])
    assert (spent_ms() - before_ms) / MOVES < FRAME_MS
    assert shown_part(long_film)[0] > 0


def test_three_hours_are_drawn_to_the_last_column(long_film):
    assert long_film.evaluate(INK) > 0.98
    end_s = HOURS_S - 0.5
    click_timeline(long_film, end_s / HOURS_S)
    long_film.keyboard.press("End")
    expect(slider(long_film)).to_have_attribute("aria-valuetext", re.compile("%"))


def test_keys_buttons_and_wheel_zoom_around_the_moment(page, analysed):
    whole = shown_part(page)
    page.keyboard.press("+")
    half = shown_part(page)
    assert half[1] - half[0] < whole[1] - whole[0]
    page.get_by_role("button", name="Zoom in").click()
    assert shown_part(page)[1] < half[1]
    page.keyboard.press("-")
    page.get_by_role("button", name="Show all").click()
    assert shown_part(page) == whole
    page.evaluate(WHEEL, [True, -100, 3])
    assert shown_part(page)[1] < whole[1]


def test_two_fingers_zoom(page):
    whole = shown_part(page)
    box = slider(page).bounding_box()
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *xs: float) -> None:
        points = [{"x": box["x"] + x, "y": box["y"] + 20, "id": i} for i, x in enumerate(xs)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 300, 400)
    touch("touchMove", 250, 450)
    touch("touchMove", 150, 550)
    touch("touchEnd")
    await_true(page, "document.querySelector('emotion-timeline .shown-part').textContent !== ''")
    assert shown_part(page)[1] < whole[1]


def test_the_map_moves_what_is_visible(page):
    page.keyboard.press("+")
    page.keyboard.press("+")
    view = page.get_by_role("slider", name="Visible part of the timeline")
    view.focus()
    page.keyboard.press("End")
    assert shown_part(page)[1] == 16
    box = view.bounding_box()
    page.mouse.click(box["x"] + 4, box["y"] + box["height"] / 2)
    assert shown_part(page)[0] == 0


def test_pointer_and_keyboard_tell_label_face_and_voice(page, analysed):
    found = analysed.timeline["intervals"][9]
    box = slider(page).bounding_box()
    page.mouse.move(box["x"] + 9.5 / analysed.timeline["duration"] * box["width"], box["y"] + 9)
    tip = page.locator("emotion-timeline .tip")
    expect(tip).to_contain_text(found["emotion"])
    expect(tip).to_contain_text(re.compile(r"Face.*%.*of the time.*Voice", re.DOTALL))
    slider(page).focus()
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert time_s(page) == pytest.approx(3, abs=0.05)
    expect(tip).to_contain_text(analysed.timeline["intervals"][3]["emotion"])
    told = re.compile(r"Face: .+ %, .+ % of the time, Voice: ")
    expect(slider(page)).to_have_attribute("aria-valuetext", told)


def test_what_a_finger_asks_is_read_after_it_is_lifted(browser, analysed):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(analysed.url)
    expect(page.get_by_role("button", name="Make highlights")).to_be_visible()
    slider(page).tap(position={"x": 40, "y": 20})
    tip = page.locator("emotion-timeline .tip")
    page.wait_for_timeout(300)
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("Voice")
    expect(tip).to_be_hidden(timeout=5000)
    context.close()


def test_the_label_follows_the_frames_while_playing(page, analysed):
    """The label is that of the picture on screen, at each picture."""
    page.evaluate("""() => {
      const video = document.querySelector('video');
      window.labels = [];
      const note = (_, { mediaTime }) => {
        const shown = document.querySelector('.badge strong')?.firstChild?.textContent;
        window.labels.push([mediaTime, shown]);
        video.requestVideoFrameCallback(note);
      };
      video.requestVideoFrameCallback(note);
    }""")
    page.keyboard.press("k")
    await_true(page, "document.querySelector('video').currentTime > 5.5")
    page.keyboard.press("k")
    intervals = analysed.timeline["intervals"]
    at = {time_s: label for time_s, label in page.evaluate("window.labels") if time_s > 0.1}
    # This watcher may be called before or after the page's own, so the frame at a change is open.
    inside = {t: label for t, label in at.items() if 0.05 < t % 1 < 0.95}
    assert len(inside) > 10
    assert [t for t, label in inside.items() if label != intervals[int(t)]["emotion"]] == []


def test_a_draft_is_told_apart_from_the_result(watched, analysed):
    page = watched.page
    path = analysed.url.rsplit("/", 1)[-1]
    running = {**analysed.job, "state": "RUNNING", "progress": 0.4}
    coarse = [interval(analysed.timeline, at, at + 4) for at in (0, 4, 8, 12)]
    exact = {**interval(analysed.timeline, 0, 1), "emotion": "Happy"}
    news = [("draft", {"intervals": coarse}), ("intervals", {"intervals": [exact]})]
    stream = "".join(f"event: {kind}\ndata: {json.dumps(data)}\n\n" for kind, data in news)
    page.route(f"**/v1/analyses/{path}", lambda route: route.fulfill(json=running))
    page.route(
        "**/events*", lambda route: route.fulfill(body=stream, content_type="text/event-stream")
    )
    page.goto(analysed.url)
    expect(page.get_by_text("Draft: a first glance")).to_be_visible()
    expect(slider(page)).to_have_attribute("aria-valuetext", re.compile("Happy [^,]*, from"))
    slider(page).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(slider(page)).to_have_attribute("aria-valuetext", re.compile("draft"))
