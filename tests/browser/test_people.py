"""The people of a film: lanes, boxes, names, merging and hiding, kept by the real gateway."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.viewer import await_true, time_s

pytestmark = [pytest.mark.browser, pytest.mark.e2e]

LANE_INK = """(row) => {
  const canvas = row.querySelector('.lane canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 4, canvas.width, 1);
  return data.filter((each, i) => i % 4 === 3 && each > 0).length / canvas.width;
}"""


def row(page, name: str):
    return page.locator(".person").filter(has=page.get_by_role("heading", name=name, exact=True))


def test_each_person_has_a_lane_as_long_as_the_share(page, analysed):
    people = analysed.timeline["people"]
    expect(page.locator(".person")).to_have_count(len(people))
    for number, person in enumerate(people, start=1):
        found = row(page, f"Person {number}")
        seconds = sum(i["end"] - i["start"] for i in person["intervals"])
        share = seconds / analysed.timeline["duration"]
        expect(found).to_contain_text(f"{round(100 * share)} % of the time")
        assert found.evaluate(LANE_INK) == pytest.approx(share, abs=0.03)
        expect(found.locator("img")).to_have_attribute("src", re.compile("thumbnails"))


def test_a_person_is_renamed_hidden_and_shown_for_all(page):
    page.get_by_role("button", name="Rename Person 1").click()
    page.get_by_role("textbox", name="New name of Person 1").fill("Eileen")
    page.keyboard.press("Enter")
    expect(row(page, "Eileen")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Hide Eileen").click()
    expect(row(page, "Eileen")).to_have_count(0)
    page.get_by_role("button", name="Show Eileen").click()
    page.get_by_role("button", name="Rename Eileen").click()
    page.get_by_role("textbox", name="New name of Eileen").fill("")
    page.keyboard.press("Enter")
    expect(row(page, "Person 1")).to_be_visible()


def test_two_people_become_one_and_two_again(page, analysed):
    count = len(analysed.timeline["people"])
    assert count >= 2, "the clip shows its face twice"
    page.get_by_label("Person 2 is the same person as").select_option("p1")
    expect(page.locator(".person")).to_have_count(count - 1)
    expect(row(page, "Person 1")).to_contain_text("1 merged")
    page.get_by_role("button", name="Part Person 1 into").click()
    expect(page.locator(".person")).to_have_count(count)


def test_boxes_lie_on_the_face_and_can_be_turned_off(page, analysed):
    seen = analysed.timeline["people"][0]["intervals"][0]
    left, top, right, bottom = seen["first_box"]
    page.evaluate(f"document.querySelector('video').currentTime = {seen['start'] + 0.01}")
    page.keyboard.press("b")
    box = page.locator(".box").first
    expect(box).to_contain_text(re.compile("Person 1 · .* %"))
    picture, drawn = page.locator("video").bounding_box(), box.bounding_box()
    assert drawn["width"] / picture["width"] == pytest.approx(1.24 * (right - left), abs=0.05)
    middle = (drawn["x"] + drawn["width"] / 2 - picture["x"]) / picture["width"]
    assert middle == pytest.approx((left + right) / 2, abs=0.04)
    assert top < (drawn["y"] + drawn["height"] / 2 - picture["y"]) / picture["height"] < bottom
    page.get_by_role("button", name="Boxes around faces").click()
    expect(page.locator(".boxes")).to_be_hidden()


def test_only_the_chosen_person_plays(page, analysed):
    last = analysed.timeline["people"][-1]
    number = len(analysed.timeline["people"])
    only = page.get_by_role("button", name=f"Play only Person {number}")
    only.click()
    expect(only).to_have_attribute("aria-pressed", "true")
    start_s = last["intervals"][0]["start"]
    page.keyboard.press("k")
    await_true(page, f"document.querySelector('video').currentTime >= {start_s}")
    assert time_s(page) < last["intervals"][-1]["end"]
