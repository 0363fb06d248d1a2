"""What viewers take with them: highlights, files, links; and what they leave: corrections."""

from __future__ import annotations

import json
import re

import av
import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.viewer import PATIENCE_MS, choose

pytestmark = [pytest.mark.browser, pytest.mark.e2e]


def requests(page, path: str) -> list[dict]:
    """Return the bodies of what is posted to a path, as they come."""
    seen: list[dict] = []
    page.on(
        "request",
        lambda r: r.method == "POST" and r.url.endswith(path) and seen.append(r.post_data_json),
    )
    return seen


def test_highlights_follow_the_choice_and_the_options(page, analysed, tmp_path):
    posted = requests(page, "/highlights")
    choose(page, analysed.main_emotion)
    page.get_by_text("Margins and length").click()
    page.get_by_role("slider", name="Lead-in before each piece").fill("0.5")
    page.get_by_text("Order, length and style").click()
    page.get_by_role("combobox", name=re.compile("^Order")).select_option("strength")
    page.get_by_role("combobox", name=re.compile("^At most")).select_option("30")
    with page.expect_download(timeout=PATIENCE_MS) as download:
        page.get_by_role("button", name="Make highlights").click()
        expect(page.locator("emotion-highlights progress")).to_be_visible()
    asked = posted[0]
    assert (asked["order"], asked["max_length"], asked["lead_in"]) == ("strength", 30, 0.5)
    assert asked["emotions"] == [analysed.main_emotion]
    expect(page.locator(".export-status")).to_contain_text("piece")
    path = tmp_path / "cut.mp4"
    download.value.save_as(path)
    with av.open(str(path)) as cut:
        assert cut.duration / av.time_base > 1


@pytest.mark.parametrize("size_px", [(1440, 900), (1024, 768), (390, 844)])
def test_what_a_choice_is_for_is_in_sight_while_one_chooses(page, size_px):
    page.set_viewport_size({"width": size_px[0], "height": size_px[1]})
    laughs = page.get_by_role("button", name="Only the laughs")
    laughs.evaluate("button => button.scrollIntoView({ block: 'start' })")
    make = page.get_by_role("button", name="Make highlights")
    expect(laughs).to_be_in_viewport(ratio=0.9)
    expect(make).to_be_in_viewport(ratio=1)
    unsure = page.get_by_role("button", name=re.compile("^Unsure"))
    unsure.focus()
    assert unsure.bounding_box()["y"] < page.locator(".dock").bounding_box()["y"], "hidden"


def test_without_a_choice_highlights_leave_out_neutral_and_unsure(page, analysed):
    posted = requests(page, "/highlights")
    expect(page.locator(".dock")).to_contain_text("all but Neutral and Unsure")
    with page.expect_download(timeout=PATIENCE_MS):
        page.get_by_role("button", name="Make highlights").click()
    labels = {*analysed.timeline["analytics"]["seconds"]}
    assert {*posted[0]["emotions"]} == labels - {"Neutral", "Unsure"}


def test_a_cut_can_be_cancelled_and_begun_anew(page, system):
    page.get_by_text("Order, length and style").click()
    style = page.get_by_role("combobox", name=re.compile("^Style"))
    style.select_option("polished")  # takes long enough
    make = page.get_by_role("button", name="Make highlights")
    with page.expect_response("**/highlights") as made:
        make.click()
    page.get_by_role("button", name="Cancel", exact=True).press("Enter")
    expect(page.locator(".export-status")).to_have_text("The highlights were cancelled.")
    expect(page.locator("emotion-highlights progress")).to_be_hidden()
    expect(make).to_be_focused()
    path = f"{system.base_url}/v1/exports/{made.value.json()['id']}"
    assert httpx.get(path).json()["state"] == "CANCELLED"
    style.select_option("fast")
    with page.expect_download(timeout=PATIENCE_MS):
        make.click()


def test_a_cut_is_waited_for_while_the_gateway_is_away(page, watched, analysed):
    choose(page, analysed.main_emotion)
    refusals = iter(["failed", "failed"])
    page.route(
        "**/v1/exports/*",
        lambda route: route.abort(code) if (code := next(refusals, None)) else route.continue_(),
    )
    with page.expect_download(timeout=PATIENCE_MS):
        page.get_by_role("button", name="Make highlights").click()
        expect(page.locator(".export-status")).to_contain_text("Connection lost")
    assert all("net::ERR_FAILED" in error for error in watched.errors)
    watched.errors.clear()


@pytest.mark.parametrize(
    ("form", "begin"),
    [
        ("JSON", "{"),
        ("CSV", "start"),
        ("VTT", "WEBVTT"),
        ("EDL", "TITLE"),
        ("FCPXML", "<?xml"),
        ("OTIO", "{"),
        ("Skip list", ""),
    ],
)
def test_each_form_can_be_saved(page, analysed, form, begin):
    choose(page, analysed.main_emotion)
    with page.expect_download() as download:
        page.locator(".file", has_text=re.compile(rf"^{form}$")).click()
    text = download.value.path().read_text(encoding="utf-8")
    assert text.lstrip().startswith(begin)
    assert text.strip()


def test_a_copied_link_carries_choice_and_position(page, analysed):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    choose(page, analysed.main_emotion)
    page.evaluate("document.querySelector('video').currentTime = 9.5")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == f"{analysed.url}?emotions={analysed.main_emotion}&t=9.5"
    page.get_by_role("button", name="Copy code for a website").click()
    expect(page.get_by_role("button", name="Copied")).to_have_count(2)
    code = page.evaluate("navigator.clipboard.readText()")
    assert f'analysis="{analysed.job["id"]}"' in code
    assert "/embed.js" in code


def test_a_correction_is_shown_as_such_kept_exported_and_undone(page, analysed, system):
    api = f"{system.base_url}/v1/analyses/{analysed.job['id']}/corrections"
    page.get_by_text("Not what you see?").click()
    shows = page.get_by_role("group", name="It shows").get_by_role("button")
    shows.filter(has_text="Surprise").click()
    expect(page.locator("emotion-corrections [role=status]")).to_contain_text("is now Surprise")
    expect(page.locator(".badge")).to_contain_text("corrected by a viewer")
    page.reload()
    slider = page.get_by_role("slider", name="Emotion timeline")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("Surprise.*corrected"))
    expect(page.locator(".marks span")).to_be_visible()
    # At once: the marks are made anew whenever the timeline is drawn.
    mark, whole = page.locator(".marks").evaluate(
        "all => [all.firstElementChild.offsetWidth, all.offsetWidth]"
    )
    share = 1 / analysed.timeline["duration"]
    assert mark / whole == pytest.approx(share, abs=0.005)
    expect(page.locator(".correction-list li")).to_contain_text("was ")
    expect(page.locator(".breakdown tr[data-emotion=Surprise]")).to_contain_text("1 s")
    with page.expect_download() as download:
        page.get_by_role("link", name="Corrections for training").click()
    lines = download.value.path().read_text().split()
    assert lines[0] == "path,start,end,emotion"
    assert lines[1].endswith("Surprise")
    page.get_by_role("button", name="Undo Surprise at 0:00").click()
    expect(page.locator(".correction-list li")).to_have_count(0)
    expect(page.locator(".badge")).not_to_contain_text("Surprise")
    assert json.loads(httpx.get(api).text) == {"corrections": []}
