"""Chromium shows every picture of a cut whose pictures are copied and encoded in turn."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from emotionmap_media.budget import Budget
from emotionmap_media.highlights import FileChunk, cut_highlights
from emotionmap_media.landing import Span
from emotionmap_media.streams import Limits

from tests.browser.viewer import PATIENCE_MS, await_true
from tests.unit.media import numbered
from tests.unit.media.numbered import BITS, BRIGHT, DARK, Numbered

URL = "http://cut.test/"
RANGES = [(Fraction(1, 2), Fraction(27, 10)), (Fraction(16, 5), Fraction(111, 20))]
LENGTH_S = 4.55
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
    limits = Limits(max_duration_s=60, max_pixels=10**6, decode_threads=1)
    source = numbered.write(tmp_path / request.param, clip)
    spans = [Span(start, end) for start, end in RANGES]
    outputs = cut_highlights(source, spans, limits=limits, budget=Budget(300))
    data = b"".join(one.data for one in outputs if isinstance(one, FileChunk))
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.route(URL, lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    page.route(f"{URL}cut.mp4", lambda route: _send(route, data))
    page.goto(URL)
    await_true(page, "video.readyState >= 2")
    yield clip, page
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
    for start, end in RANGES:
        shown = clip.shown(start, end)
        for number, following in zip(shown, [*shown[1:], None], strict=True):
            begin = max(clip.time(number), start)
            stop = clip.time(following) if following is not None else end
            found.append((float(offset + (begin + stop) / 2 - start), number))
        offset += end - start
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
    assert page.evaluate("video.duration") == pytest.approx(LENGTH_S, abs=0.01)
    page.evaluate("video.play()")
    moments = []
    deadline_s = time.monotonic() + PATIENCE_MS / 1000
    while not page.evaluate("video.ended") and time.monotonic() < deadline_s:
        moments.append(page.evaluate("video.currentTime"))
        page.wait_for_timeout(100)
    assert page.evaluate("video.ended")
    assert page.evaluate("video.error") is None
    assert page.evaluate("video.currentTime") == pytest.approx(LENGTH_S, abs=0.05)
    assert moments == sorted(moments)
    assert page.evaluate("video.getVideoPlaybackQuality().corruptedVideoFrames") == 0
