"""Makes docs/player.png and docs/player.webp of the real page: `make capture`.

The page plays the example video; what is seen is what a viewer sees, frame by frame.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from emotionmap_cli.local import running
from PIL import Image
from playwright.sync_api import sync_playwright

from tests import client
from tests.browser.conftest import CHROMIUM_ARGS
from tests.browser.viewer import await_true
from tests.showcase.example import OUT as EXAMPLE

if TYPE_CHECKING:
    from playwright.sync_api import Page

DOCS = Path(__file__).parents[2] / "docs"
SIZE_PX = {"width": 1280, "height": 1152}
SHOWN_PX = (960, 864)
FRAME_MS = 160
MOST_PICTURES = 40
"""Of waiting for the cut."""
MAX_BYTES = 3_000_000


def capture(page: Page, url: str) -> list[Image.Image]:
    """Return pictures of a visit: playing, only the laughs, and a film made of them."""
    page.goto(url)
    await_true(page, "document.querySelector('video')?.readyState >= 2")
    page.evaluate("document.querySelector('video').currentTime = 3.4")
    page.wait_for_timeout(900)
    page.screenshot(path=str(DOCS / "player.png"))
    pictures: list[Image.Image] = []

    def watch(count: int) -> None:
        for _ in range(count):
            pictures.append(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
            page.wait_for_timeout(FRAME_MS // 2)

    page.keyboard.press("k")
    watch(6)
    page.get_by_role("button", name="Only the laughs").click()
    watch(14)
    # Without the scrolling that a click of Playwright's begins with.
    page.get_by_role("button", name="Make highlights").evaluate("button => button.click()")
    made = page.get_by_role("link", name="EmotionMap_Highlights.mp4")
    for _ in range(MOST_PICTURES):
        if made.is_visible():
            break
        watch(1)
    watch(8)
    return pictures


def save(pictures: list[Image.Image], path: Path) -> None:
    """Write pictures as an animated WebP.

    Raises:
        ValueError: It is too large.
    """
    small = [picture.resize(SHOWN_PX, Image.Resampling.LANCZOS) for picture in pictures]
    small[0].save(
        path, save_all=True, append_images=small[1:], duration=FRAME_MS, loop=0, quality=60
    )
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"{path.name} has {path.stat().st_size} bytes")


def main() -> None:
    """Run EmotionMap, analyse the example, and capture the page."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as system:
        location = client.create(system.base_url, EXAMPLE).headers["location"]
        client.wait(f"{system.base_url}{location}")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=CHROMIUM_ARGS
            )
            page = browser.new_page(viewport=SIZE_PX, color_scheme="dark")
            url = f"{system.base_url}/#/a/{location.rsplit('/', 1)[-1]}"
            save(capture(page, url), DOCS / "player.webp")
            browser.close()


if __name__ == "__main__":
    main()
