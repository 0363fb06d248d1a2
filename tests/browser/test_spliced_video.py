"""Chromium shows every picture of a cut: copied and encoded in turn, or polished."""

from __future__ import annotations

import io
import time
from contextlib import contextmanager
from fractions import Fraction

import av
import pytest
from emotionmap_media.budget import Budget
from emotionmap_media.clock import Span
from emotionmap_media.highlights import FileChunk, cut_highlights
from emotionmap_media.polished import TITLE_S, Caption, Polish
from emotionmap_media.streams import Limits

from tests.browser.viewer import PATIENCE_MS, await_true
from tests.unit.media import numbered
from tests.unit.media.numbered import BITS, BRIGHT, DARK, Numbered

URL = "http://cut.test/"
RANGES = [Span(Fraction(1, 2), Fraction(27, 10)), Span(Fraction(16, 5), Fraction(111, 20))]
LENGTH_S = 4.55
POLISHED_S = float(TITLE_S) + LENGTH_S - 2 * 0.5
"""Each crossfade, half a second long, is shared by two."""
CLIPS = {
    "b_frames.mp4": Numbered(),
    "no_b_frames.mp4": Numbered(b_frames=0, options={"profile": "baseline"}),
    "ntsc.mkv": Numbered(fps=Fraction(30_000, 1001), gop=20),
}
PAGE = """<!doctype html><video muted src="/cut.mp4" preload="auto"></video><canvas></canvas>
<script>
const video = document.querySelector("video")
const canvas = document.querySelector("canvas")
// The number of the picture on screen, from the bars along its top.
function shownNumber(bits, threshold) {
  const width = (canvas.width = video.videoWidth)
  const height = (canvas.height = video.videoHeight)
  const context = canvas.getContext("2d")
  context.drawImage(video, 0, 0)
  let number = 0
  for (let bit = 0; bit < bits; bit++) {
    const x = Math.floor(((bit + 0.5) * width) / bits)
    const [red] = context.getImageData(x, Math.floor(height / 6), 1, 1).data
    if (red > threshold) number |= 1 << bit
  }
  return number
}
async function numberAt(seconds, bits, threshold) {
  const seeked = new Promise((resolve) => video.addEventListener("seeked", resolve, { once: true }))
  video.currentTime = seconds
  await seeked
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
  return shownNumber(bits, threshold)
}
</script>"""


@pytest.fixture(params=CLIPS)
def clip_and_page(request, browser, tmp_path):
    """A clip, and a page that shows what was cut of it."""
    clip = CLIPS[request.param]
    with shown(browser, cut(numbered.write(tmp_path / request.param, clip))) as page:
        yield clip, page


@pytest.fixture(scope="module")
def polished(browser, tmp_path_factory):
    """A polished cut of it, and a page that shows it."""
    source = numbered.write(tmp_path_factory.mktemp("film") / "a.mp4", Numbered(size_px=(384, 216)))
    caption = Caption(RANGES[1], "Anger 80%", 0xE8561F)
    data = cut(source, Polish("A fine day", (caption,)))
    with shown(browser, data) as page:
        yield data, page


def cut(source, polish=None):
    """Return the bytes of a cut."""
    limits = Limits(max_duration_s=60, max_pixels=10**6, decode_threads=1)
    outputs = cut_highlights(source, RANGES, limits=limits, budget=Budget(300), polish=polish)
    return b"".join(one.data for one in outputs if isinstance(one, FileChunk))


@contextmanager
def shown(browser, data):
    """Give a page with a video until the block ends."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.route(URL, lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    page.route(f"{URL}cut.mp4", lambda route: _send(route, data))
    page.goto(URL)
    await_true(page, "video.readyState >= 2")
    yield page
    page.close()


def _send(route, data):
    asked = route.request.headers.get("range", "bytes=0-")
    start = int(asked.removeprefix("bytes=").split("-")[0])
    headers = {
        "content-type": "video/mp4",
        "accept-ranges": "bytes",
        "content-range": f"bytes {start}-{len(data) - 1}/{len(data)}",
    }
    route.fulfill(status=206, headers=headers, body=data[start:])


def wanted(clip):
    """Return (middle of when it is shown, number) for pictures of the output."""
    found, offset = [], Fraction(0)
    for span in RANGES:
        numbers = clip.shown(span.start, span.end)
        for number, following in zip(numbers, [*numbers[1:], None], strict=True):
            begin = max(clip.time(number), span.start)
            stop = clip.time(following) if following is not None else span.end
            found.append((float(offset + (begin + stop) / 2 - span.start), number))
        offset += span.end - span.start
    return found


def test_every_picture_can_be_sought(clip_and_page):
    clip, page = clip_and_page
    pictures = wanted(clip)
    joins = [i for i, (_, n) in enumerate(pictures) if n % clip.gop in (0, 1, clip.gop - 1)]
    probed = sorted({*joins, *range(0, len(pictures), 9), len(pictures) - 1})
    threshold = (DARK + BRIGHT) // 2
    seen = [page.evaluate(f"numberAt({pictures[i][0]}, {BITS}, {threshold})") for i in probed]
    assert seen == [pictures[i][1] for i in probed]


def test_it_plays_to_its_end(clip_and_page):
    _, page = clip_and_page
    assert_plays(page, LENGTH_S)


def test_a_polished_cut_plays_to_its_end(polished):
    _, page = polished
    assert_plays(page, POLISHED_S)


def test_every_picture_of_a_polished_cut_can_be_sought(polished):
    data, page = polished
    with av.open(io.BytesIO(data)) as container:
        decoded = [
            (frame.time + 1 / 60, numbered.number(frame)) for frame in container.decode(video=0)
        ]
    # Behind the title and clear of crossfades, where no picture is half another.
    probed = [one for one in decoded[::7] if 2.6 < one[0] < 4.1 or one[0] > 4.8]
    assert [number for _, number in probed] == sorted({number for _, number in probed})
    threshold = (DARK + BRIGHT) // 2
    seen = [page.evaluate(f"numberAt({time_s}, {BITS}, {threshold})") for time_s, _ in probed]
    assert seen == [number for _, number in probed]


def assert_plays(page, length_s):
    assert page.evaluate("video.duration") == pytest.approx(length_s, abs=0.03)
    page.evaluate("video.play()")
    moments = []
    deadline_s = time.monotonic() + PATIENCE_MS / 1000
    while not page.evaluate("video.ended") and time.monotonic() < deadline_s:
        moments.append(page.evaluate("video.currentTime"))
        page.wait_for_timeout(100)
    assert page.evaluate("video.ended")
    assert page.evaluate("video.error") is None
    assert page.evaluate("video.currentTime") == pytest.approx(length_s, abs=0.05)
    assert moments == sorted(moments)
    assert page.evaluate("video.getVideoPlaybackQuality().corruptedVideoFrames") == 0
