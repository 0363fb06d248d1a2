"""Edit lists of three hours: in blocks, merged people as one, off the event loop."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from emotionmap_gateway.documents.selection import EVERY_EMOTION
from emotionmap_gateway.edit_lists import BLOCK_CHARS, SUFFIXES, EditLists

from tests.unit.gateway.edit_lists import HAPPY, SAD, UNSURE, made_timeline

if TYPE_CHECKING:
    from emotionmap.v1 import timeline_pb2


@dataclass
class OneTimeline:
    """Stands for the analyses: each has this timeline."""

    one: timeline_pb2.Timeline

    async def timeline(self, _analysis_id):
        return self.one


@dataclass
class Merges:
    """Stands for the people that viewers changed."""

    into: dict

    async def merged(self, _analysis_id):
        return self.into


def edit_lists(timeline, **into):
    return EditLists(analyses=OneTimeline(timeline), people=Merges(into))


async def text_of(made):
    return b"".join([block async for block in made.blocks()]).decode()


@pytest.mark.parametrize("form", SUFFIXES)
async def test_three_hours_come_in_blocks(form):
    timeline = made_timeline(moods=[HAPPY, UNSURE, SAD] * 3600)
    made = await edit_lists(timeline).make("a", form=form, selection=EVERY_EMOTION)
    sizes = [len(block) async for block in made.blocks()]
    assert len(sizes) > 1
    assert all(BLOCK_CHARS <= size < 2 * BLOCK_CHARS for size in sizes[:-1])


async def test_merged_people_count_as_one():
    timeline = made_timeline(moods=[UNSURE] * 9)
    for number, start in ((1, 2), (2, 6)):
        seen = timeline.people.add(id=f"p{number}").intervals.add(emotion=HAPPY, confidence=0.9)
        seen.range.CopyFrom(timeline.intervals[start].range)
    wish = replace(EVERY_EMOTION, people=frozenset({"p1"}))
    apart = await edit_lists(timeline).make("a", form="skip_list", selection=wish)
    as_one = await edit_lists(timeline, p2="p1").make("a", form="skip_list", selection=wish)
    assert (await text_of(apart)).splitlines() == ["0.000 2.000 0", "3.000 9.000 0"]
    assert len((await text_of(as_one)).splitlines()) == 3


async def test_sound_alone_has_edit_lists_too():
    timeline = made_timeline(has_video=False)
    made = await edit_lists(timeline).make("a", form="otio", selection=EVERY_EMOTION)
    document = json.loads(await text_of(made))
    assert [track["kind"] for track in document["tracks"]["children"]] == ["Audio"]


@pytest.mark.parametrize(
    ("title", "name"),
    [("film.mp4", "film.edl"), ("a.b.mkv", "a.b.edl"), ("film", "film.edl"), (".mp4", ".mp4.edl")],
)
async def test_a_list_is_named_as_its_video(title, name):
    made = await edit_lists(made_timeline(title=title)).make(
        "a", form="edl", selection=EVERY_EMOTION
    )
    assert made.file_name == name
