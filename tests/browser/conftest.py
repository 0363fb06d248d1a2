"""A browser, a page that is watched, and a finished analysis on it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import expect, sync_playwright

from tests import client
from tests.browser.uploading import padded, with_index_in_front
from tests.browser.viewer import EXPECT_MS, await_true

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


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
    job: dict[str, Any]

    @property
    def main_emotion(self) -> str:
        return self.timeline["analytics"]["top"][0]

    def ranges(self, emotion: str) -> list[tuple[float, float]]:
        """Merged stretches of an emotion, seconds."""
        groups = itertools.groupby(self.timeline["intervals"], key=lambda i: i["emotion"])
        stretches = [(name, list(group)) for name, group in groups]
        return [(g[0]["start"], g[-1]["end"]) for name, g in stretches if name == emotion]


# A module's, not the session's: Playwright's own event loop runs as long as it lives, and no
# other test could run one meanwhile.
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


@pytest.fixture(scope="session")
def analysed(system, astronaut_video) -> Analysed:
    location = client.create(system.base_url, astronaut_video).headers["location"]
    job = client.wait(f"{system.base_url}{location}")
    assert job["state"] == "SUCCEEDED"
    timeline = httpx.get(f"{system.base_url}{location}/timeline", timeout=30).json()
    return Analysed(f"{system.base_url}/#/a/{location.rsplit('/', 1)[-1]}", timeline, job)


@pytest.fixture
def page(watched, analysed) -> Page:
    """The finished analysis, its video loaded."""
    watched.page.goto(analysed.url)
    await_true(watched.page, "document.querySelector('video')?.readyState >= 2")
    expect(watched.page.get_by_role("button", name="Make highlights")).to_be_visible()
    return watched.page


@pytest.fixture
def web_video(astronaut_video, tmp_path: Path) -> Path:
    """The clip with its index in front, and 8 MB after it: it can be analysed while it comes."""
    front = with_index_in_front(astronaut_video, tmp_path / "front.mp4")
    return padded(front, tmp_path / "web.mp4")
