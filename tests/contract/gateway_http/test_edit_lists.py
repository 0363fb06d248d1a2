"""Edit lists over HTTP: which moments they hold, how they are named, what is refused."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest

# What the fakes find: 0-2 Happy, 2-4 Sadness, 4-6 Unsure, 6-8 Happy, 8-9 Sadness, at 25 frames/s.


def get(system, analysis_id, form, **params):
    path = f"/v1/analyses/{analysis_id}/timeline"
    return system.http.get(path, params={"format": form, **params})


@pytest.mark.parametrize(
    ("form", "kind", "start", "suffix"),
    [
        ("edl", "text/plain", b"TITLE: clip.mp4\r\nFCM: NON-DROP FRAME\r\n", "edl"),
        ("fcpxml", "application/xml", b'<?xml version="1.0" encoding="UTF-8"?>', "fcpxml"),
        ("otio", "application/vnd.pixar.opentimelineio+json", b'{"OTIO_SCHEMA":"Timel', "otio"),
        ("skip_list", "text/plain", b"4.000 6.000 0\n", "edl"),
    ],
)
def test_each_form_is_sent_under_a_name(system, finished, form, kind, start, suffix):
    response = get(system, finished, form)
    assert response.status_code == 200
    assert response.headers["content-type"].partition(";")[0] == kind
    assert response.content.startswith(start)
    named = f"attachment; filename=\"EmotionMap.{suffix}\"; filename*=UTF-8''clip.{suffix}"
    assert response.headers["content-disposition"] == named
    path = f"/v1/analyses/{finished}/timeline?format={form}"
    assert system.http.head(path).headers["content-disposition"] == named


@pytest.mark.parametrize(
    ("wish", "skipped"),
    [
        ({"emotions": "Happy"}, "2.000 6.000 0\n8.000 9.000 0\n"),
        ({"emotions": "Happy, Unsure"}, "2.000 4.000 0\n8.000 9.000 0\n"),
        ({"min_confidence": 0.55}, "0.000 6.000 0\n"),
        (
            {"emotions": "Sadness", "lead_in": 0.5, "lead_out": 0.25},
            "0.000 1.500 0\n4.250 7.500 0\n",
        ),
        ({"emotions": "Sadness", "shortest": 1.5}, "0.000 2.000 0\n4.000 9.000 0\n"),
    ],
)
def test_a_selection_tells_what_is_kept(system, finished, wish, skipped):
    assert get(system, finished, "skip_list", **wish).text == skipped


def test_all_forms_hold_the_same_pieces(system, finished):
    happy = {"emotions": "Happy"}
    clips = list(ET.fromstring(get(system, finished, "fcpxml", **happy).content).iter("asset-clip"))
    track = json.loads(get(system, finished, "otio", **happy).content)["tracks"]["children"][0]
    ranges = [clip["source_range"] for clip in track["children"]]
    assert [(clip.get("start"), clip.get("duration")) for clip in clips] == [
        ("0s", "2s"),
        ("6s", "2s"),
    ]
    assert [item["start_time"]["value"] for item in ranges] == [0, 150]
    assert " 00:00:06:00 00:00:08:00 01:00:02:00 " in get(system, finished, "edl", **happy).text


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"emotions": ""}, "OPTIONS_INVALID"),
        ({"emotions": "Joy"}, "OPTIONS_INVALID"),
        ({"people": "p7"}, "OPTIONS_INVALID"),
        ({"min_confidence": 2}, "REQUEST_INVALID"),
        ({"min_confidence": "nan"}, "REQUEST_INVALID"),
        ({"lead_in": 11}, "REQUEST_INVALID"),
        ({"shortest": -1}, "REQUEST_INVALID"),
        ({"emotions": "Fear"}, "HIGHLIGHTS_EMPTY"),
    ],
)
def test_bad_selections_are_refused(system, finished, wish, reason):
    response = get(system, finished, "edl", **wish)
    assert (response.status_code, response.json()["reason"]) == (400, reason)


def test_an_unknown_form_is_refused(system, finished):
    response = get(system, finished, "aaf")
    assert (response.status_code, response.json()["reason"]) == (400, "REQUEST_INVALID")


def test_an_unfinished_analysis_has_no_edit_list(system):
    system.script.gate.clear()
    response = get(system, system.created(), "edl")
    assert (response.status_code, response.json()["reason"]) == (400, "ANALYSIS_NOT_FINISHED")
