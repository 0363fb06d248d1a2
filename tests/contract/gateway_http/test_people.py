"""People of a timeline: named, hidden, merged, listed; the timeline itself stays."""

from __future__ import annotations

import pytest
from emotionmap_gateway.http import edit_wire


@pytest.fixture
def path(system):
    system.script.people = 3
    analysis_id = system.finished()
    yield f"/v1/analyses/{analysis_id}/people"
    system.http.delete(f"/v1/analyses/{analysis_id}")


def people_of(system, path):
    people = edit_wire.PeopleList.model_validate(system.http.get(path).json()).people
    return {one.id: (one.name, one.hidden, one.merged_into) for one in people}


def change(system, path, person_id, **wish):
    return system.http.patch(f"{path}/{person_id}", json=wish)


def test_people_are_those_of_the_timeline(system, path):
    timeline = system.http.get(path.replace("people", "timeline")).json()
    assert people_of(system, path) == dict.fromkeys(["p1", "p2", "p3"], ("", False, None))
    listed = system.http.get(path).json()["people"]
    assert [one["thumbnail"] for one in listed] == [one["thumbnail"] for one in timeline["people"]]


def test_only_what_is_named_is_changed(system, path):
    before = system.http.get(path.replace("people", "timeline")).content
    first = change(system, path, "p2", name=" Ada\n Lovelace ", hidden=True)
    assert first.status_code == 200
    edit_wire.EditedPerson.model_validate(first.json())
    assert people_of(system, path)["p2"] == ("Ada Lovelace", True, None)
    assert change(system, path, "p2", hidden=False).json()["name"] == "Ada Lovelace"
    assert change(system, path, "p2").json()["name"] == "Ada Lovelace"
    change(system, path, "p2", name=None)
    assert people_of(system, path)["p2"] == ("", False, None)
    assert system.http.get(path.replace("people", "timeline")).content == before


def test_people_are_merged_and_parted(system, path):
    change(system, path, "p3", merged_into="p2")
    change(system, path, "p2", merged_into="p1")
    assert [merged for _, _, merged in people_of(system, path).values()] == [None, "p1", "p2"]
    assert change(system, path, "p3", merged_into=None).json()["merged_into"] is None


@pytest.mark.parametrize("target", ["p1", "p3", "p9"])
def test_nobody_is_merged_in_a_circle_or_with_nobody(system, path, target):
    change(system, path, "p3", merged_into="p2")
    change(system, path, "p2", merged_into="p1")
    refusal = change(system, path, "p1", merged_into=target)
    assert (refusal.status_code, refusal.json()["reason"]) == (400, "PERSON_INVALID")
    assert people_of(system, path)["p1"] == ("", False, None)


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"name": "x" * 101}, "REQUEST_INVALID"),
        ({"hidden": None}, "REQUEST_INVALID"),
        ({"other": 1}, "REQUEST_INVALID"),
    ],
)
def test_bad_wishes_are_refused(system, path, wish, reason):
    refusal = change(system, path, "p1", **wish)
    assert (refusal.status_code, refusal.json()["reason"]) == (400, reason)


def test_who_is_not_there_is_not_found(system, path):
    refusal = change(system, path, "p4", name="x")
    assert (refusal.status_code, refusal.json()["reason"]) == (404, "PERSON_NOT_FOUND")


def test_an_unfinished_analysis_has_no_people(system):
    system.script.gate.clear()
    path = f"/v1/analyses/{system.created()}/people"
    assert system.http.get(path).json()["reason"] == "ANALYSIS_NOT_FINISHED"
    assert change(system, path, "p1", name="x").json()["reason"] == "ANALYSIS_NOT_FINISHED"
