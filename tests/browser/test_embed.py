"""A site of another origin shows an analysis: by custom elements, in an iframe; or not at all."""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from emotionmap_cli.local import running
from emotionmap_cli.ports import free_ports
from playwright.sync_api import expect

from tests import client
from tests.browser.viewer import await_true

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.browser, pytest.mark.e2e]

SITE = Path(__file__).parents[2] / "examples/foreign-site"
PLAYER = "document.querySelector('emotion-player')"
IN_PLAYER = f"{PLAYER}?.shadowRoot?"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Says nothing."""

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
def film(tmp_path_factory, astronaut_video) -> Iterator[dict[str, str]]:
    """A gateway that allows one other site, an analysis on it, and that site's port."""
    [port, other] = map(str, free_ports(2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMOTIONMAP_GATEWAY_ALLOWED_ORIGINS", f"http://127.0.0.1:{port}")
        with running(tmp_path_factory.mktemp("open")) as system:
            location = client.create(system.base_url, astronaut_video).headers["location"]
            assert client.wait(f"{system.base_url}{location}")["state"] == "SUCCEEDED"
            analysis = location.rsplit("/", 1)[-1]
            yield {"api": system.base_url, "id": analysis, "port": port, "other": other}


@pytest.fixture
def site(film, tmp_path) -> Path:
    """The folder of the example site, adapted to this gateway."""
    for path in SITE.iterdir():
        text = path.read_text().replace("http://127.0.0.1:8080", film["api"])
        (tmp_path / path.name).write_text(text.replace("ANALYSIS", film["id"]))
    return tmp_path


@pytest.fixture
def serve() -> Iterator:
    """Serve a folder on a port; return its address."""
    servers = []

    def start(folder: Path, port: str) -> str:
        handler = functools.partial(Quiet, directory=folder)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_the_elements_play_on_the_site_that_is_allowed(browser, serve, film, site):
    page = browser.new_page()
    errors: list[str] = []
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.goto(serve(site, film["port"]))
    await_true(page, f"{IN_PLAYER}.querySelector('video')?.readyState >= 2")
    page.get_by_role("button", name="Only the laughs").first.click()
    await_true(page, f"{PLAYER}.currentTime > 1")
    expect(page.locator("#now")).to_have_text("Happy")
    slider = page.get_by_role("slider", name="Emotion timeline")
    expect(slider).to_have_attribute("aria-valuemax", "16.4")
    slider.press("End")
    await_true(page, f"{PLAYER}.currentTime > 15")
    # The site's own buttons are red and square; those of the player are not.
    assert "155, 34, 38" not in page.evaluate(
        f"getComputedStyle({IN_PLAYER}.querySelector('.controls button')).backgroundColor"
    )
    assert errors == []


def test_the_iframe_plays_what_its_address_says(browser, serve, film, site):
    page = browser.new_page()
    page.goto(serve(site, film["port"]))
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("slider", name="Emotion timeline")).to_be_visible()
    expect(frame.get_by_text("AI-estimated apparent expression")).to_be_visible()
    expect(frame.get_by_role("link", name="Open in EmotionMap")).to_be_visible()


def test_a_site_that_is_not_allowed_gets_nothing(browser, serve, film, site):
    page = browser.new_page()
    errors: list[str] = []
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.goto(serve(site, film["other"]))
    await_true(page, "document.readyState === 'complete'")
    page.wait_for_timeout(300)
    assert page.evaluate("customElements.get('emotion-player') === undefined")
    assert any("CORS" in error for error in errors)
    assert any("frame-ancestors" in error or "frame" in error for error in errors)


def test_the_page_can_live_apart_from_the_api(browser, serve, film, tmp_path):
    """The built page on a static host, its one setting filled in."""
    host = tmp_path / "host"
    shutil.copytree(Path(__file__).parents[2] / "web/dist", host)
    index = host / "index.html"
    index.write_text(index.read_text().replace('content=""', f'content="{film["api"]}"', 1))
    page = browser.new_page()
    page.goto(f"{serve(host, film['port'])}#/a/{film['id']}")
    await_true(page, "document.querySelector('video')?.readyState >= 1")
    page.keyboard.press("k")
    await_true(page, "document.querySelector('video').currentTime > 0.5")
    await_true(page, "document.querySelector('.moment img')?.naturalWidth > 0")
    played, picture = (
        page.evaluate(f"document.querySelector('{which}').currentSrc")
        for which in ("video", ".moment img")
    )
    analysis = f"{film['api']}/v1/analyses/{film['id']}"
    assert played == f"{analysis}/media"
    assert picture.startswith(f"{analysis}/thumbnails?")
