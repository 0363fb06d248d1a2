"""Final Cut Pro XML against the rules of its DTD 1.10, as far as they concern what is written.

The rules are restated: elements with what may be in them, in which order, and their attributes.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET  # our own documents
from fractions import Fraction

import pytest
from emotionmap_gateway.documents.edit_lists.fcpxml import to_fcpxml

from tests.unit.gateway.edit_lists import FILM, NTSC, PAL, made_programme

CLIP = {"ref", "lane", "offset", "name", "start", "duration", "enabled", "srcEnable", "audioStart"}
CLIP |= {"audioDuration", "format", "tcStart", "tcFormat", "modDate", "audioRole", "videoRole"}
SEQUENCE = {"format", "duration", "tcStart", "tcFormat", "audioLayout", "audioRate", "renderFormat"}
ASSET = {"id", "name", "uid", "start", "duration", "hasVideo", "format", "hasAudio", "videoSources"}
ASSET |= {"audioSources", "audioChannels", "audioRate", "colorSpaceOverride"}
FORMAT = {"id", "name", "frameDuration", "fieldOrder", "width", "height", "colorSpace"}
RULES = {
    # element: (children in order, attributes that must be, attributes that may be)
    "fcpxml": ("(import-options )?(resources )?(library )?", {"version"}, set()),
    "resources": ("((asset|effect|format|media|locator) )*", set(), set()),
    "format": ("", {"id"}, FORMAT),
    "asset": ("(media-rep )+(metadata )?", {"id"}, ASSET),
    "media-rep": ("(bookmark )?", {"src"}, {"kind", "sig", "suggestedFilename"}),
    "library": ("((event|smart-collection) )*", set(), {"location", "colorProcessing"}),
    "event": ("((asset-clip|project) )*", set(), {"name", "uid"}),
    "project": ("sequence ", set(), {"name", "uid", "id", "modDate"}),
    "sequence": ("(note )?spine (metadata )?", {"format"}, SEQUENCE),
    "spine": ("((asset-clip|gap|clip|title) )*", set(), {"name", "format", "lane", "offset"}),
    "asset-clip": ("(note )?((marker|keyword|rating) )*(metadata )?", {"ref"}, CLIP),
    "marker": ("", {"start", "value"}, {"duration", "completed", "note"}),
    "note": ("", set(), set()),
}
TIMES = {"start", "duration", "offset", "tcStart", "frameDuration"}


def read(**kwargs):
    text = "".join(to_fcpxml(made_programme(**kwargs)))
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n')
    return ET.fromstring(text)


def seconds(text: str) -> Fraction:
    match = re.fullmatch(r"(\d+)(?:/(\d+))?s", text)
    assert match, text
    denominator = int(match[2] or 1)
    assert 0 < denominator < 2**31
    return Fraction(int(match[1]), denominator)


def times_of(root):
    return [
        seconds(value)
        for element in root.iter()
        for name, value in element.attrib.items()
        if name in TIMES
    ]


@pytest.mark.parametrize("media", [(True, True), (True, False), (False, True)])
def test_the_document_keeps_to_the_dtd(media):
    root = read(has_video=media[0], has_audio=media[1])
    assert (root.tag, root.attrib) == ("fcpxml", {"version": "1.10"})
    for element in root.iter():
        children, required, optional = RULES[element.tag]
        assert re.fullmatch(children, "".join(f"{child.tag} " for child in element)), element.tag
        assert required <= set(element.attrib) <= required | optional, element.tag


def test_every_reference_names_a_resource():
    root = read()
    ids = {element.get("id") for element in root.find("resources")}
    named = [element.get(key) for element in root.iter() for key in ("ref", "format")]
    assert len(ids) == 2
    assert {name for name in named if name} <= ids


@pytest.mark.parametrize("rate", [FILM, PAL, NTSC, Fraction(60), Fraction(1499, 100)])
def test_every_time_is_a_whole_number_of_frames(rate):
    root = read(rate=rate)
    assert seconds(root.find("resources/format").get("frameDuration")) == 1 / rate
    assert all((time * rate).denominator == 1 for time in times_of(root))
    assert len(times_of(root)) > 10


@pytest.mark.parametrize("rate", [FILM, PAL, NTSC])
def test_clips_lie_end_to_end_and_within_the_video(rate):
    root = read(rate=rate)
    at = Fraction(0)
    length = seconds(root.find("resources/asset").get("duration"))
    for clip in root.iter("asset-clip"):
        start, duration = seconds(clip.get("start")), seconds(clip.get("duration"))
        assert (seconds(clip.get("offset")), duration > 0) == (at, True)
        assert start + duration <= length
        at += duration
    assert at == seconds(root.find(".//sequence").get("duration"))


def test_markers_lie_in_their_clip_and_tell_emotion_and_confidence():
    clips = list(read(rate=PAL).iter("asset-clip"))
    marks = [[(mark.get("start"), mark.get("value")) for mark in clip] for clip in clips]
    assert marks == [[("0s", "Happy 10%")], [("3s", "Sadness 30%"), ("4s", "Happy 40%")]]
    assert [clip.get("name") for clip in clips] == ["Happy 10%", "Happy 40%"]


@pytest.mark.parametrize(("rate", "form"), [(NTSC, "DF"), (FILM, "NDF")])
def test_timecode_is_told_apart(rate, form):
    root = read(rate=rate)
    assert {
        item.get("tcFormat") for item in root.iter() if item.tag in {"sequence", "asset-clip"}
    } == {form}


def test_what_has_a_meaning_in_xml_is_escaped():
    title = "a\"b<c>&'d'\x01 東京.mp4"
    root = read(title=title)
    shown = "a\"b<c>&'d' 東京.mp4"
    assert root.find(".//project").get("name") == shown
    assert root.find(".//media-rep").get("src") == (
        "./a%22b%3Cc%3E%26%27d%27%20%E6%9D%B1%E4%BA%AC.mp4"
    )
    assert root.find(".//note").text == "Estimated & not felt."
