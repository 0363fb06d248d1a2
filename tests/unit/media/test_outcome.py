"""A cut tells what it came to, and plays its ranges in the order they were given."""

from __future__ import annotations

from fractions import Fraction

import av
import pytest
from emotionmap_media.budget import Budget
from emotionmap_media.clock import Span
from emotionmap_media.highlights import FileChunk, cut_highlights
from emotionmap_media.outcome import NOTES, Outcome, full_note, partial_note
from emotionmap_media.splicing import Hindrance

from tests.unit.media import numbered
from tests.unit.media.clips import Clip, make
from tests.unit.media.numbered import Numbered

OUT_OF_ORDER = [(Fraction(4), Fraction(11, 2)), (Fraction(1, 2), Fraction(3)), (3, Fraction(16, 5))]


def cut(path, limits, ranges=OUT_OF_ORDER):
    """Return (what it came to, path of the file)."""
    spans = [Span(Fraction(start), Fraction(end)) for start, end in ranges]
    outputs = list(cut_highlights(path, spans, limits=limits, budget=Budget(300)))
    target = path.with_name("cut.mp4")
    target.write_bytes(b"".join(one.data for one in outputs if isinstance(one, FileChunk)))
    assert isinstance(outputs[-1], Outcome)
    assert not any(isinstance(one, Outcome) for one in outputs[:-1])
    return outputs[-1], target


@pytest.mark.parametrize(
    ("name", "clip"), [("a.mp4", Numbered()), ("a.mkv", Numbered(codec="mpeg4", b_frames=0))]
)
def test_ranges_play_in_their_order(tmp_path, limits, name, clip):
    outcome, target = cut(numbered.write(tmp_path / name, clip), limits)
    with av.open(str(target)) as container:
        shown = [numbered.number(frame) for frame in container.decode(video=0)]
    assert shown == [*range(120, 165), *range(15, 90), *range(90, 96)]
    assert (outcome.duration, outcome.pieces) == (Fraction(42, 10), 3)


def test_the_copied_share_is_that_of_the_pictures(tmp_path, limits):
    source = numbered.write(tmp_path / "a.mp4", Numbered(seconds=12))
    assert cut(source, limits, [(Fraction(1, 2), 11)])[0] == Outcome(
        Fraction(21, 2), 300 / 315, "", 1
    )
    assert cut(source, limits, [(8, 12), (1, 4)])[0].copied_share == 1


@pytest.mark.parametrize(
    ("name", "clip", "note"),
    [
        ("a.mkv", Clip(video_codec="mpeg4"), "The video was encoded in full: it"),
        ("a.m4a", Clip(video_codec=None), ""),
        ("a.mp4", Clip(video_codec="libx264", options={}), ""),
    ],
)
def test_a_full_encode_tells_why(tmp_path, limits, name, clip, note):
    outcome, _ = cut(make(tmp_path / name, clip), limits, [(0, 1), (2, 3)])
    assert outcome.note[: len(note) or None] == note


def test_groups_that_were_encoded_are_told(tmp_path, limits):
    source = numbered.write(tmp_path / "a.mp4", Numbered(x264="open-gop=1"))
    outcome, _ = cut(source, limits)
    assert outcome.note == partial_note({Hindrance.OPEN_GROUP: 1})
    assert 0 <= outcome.copied_share < 1


@pytest.mark.parametrize("hindrance", Hindrance)
def test_every_hindrance_is_put_in_words(hindrance):
    assert hindrance in NOTES
    note = full_note(hindrance)
    assert (note == "") == (hindrance is Hindrance.NO_PICTURES)
    assert note == "" or note.endswith(".")
    assert len(note) < 150


def test_the_most_frequent_hindrance_is_told():
    assert partial_note({}) == ""
    found = {Hindrance.DAMAGE: 1, Hindrance.TIMES: 3, Hindrance.LENGTH: 3}
    assert partial_note(found) == partial_note({Hindrance.LENGTH: 1})
