"""What cannot be copied is encoded, and the log says why."""

from __future__ import annotations

import logging
from dataclasses import replace
from fractions import Fraction

import av
import pytest
from emotionmap_media import avc, groups
from emotionmap_media.budget import Budget
from emotionmap_media.clock import Span
from emotionmap_media.container import open_media
from emotionmap_media.groups import GroupReading, Run
from emotionmap_media.probe import describe
from emotionmap_media.splicing import Hindrance, Splice, Unsuitable

from tests.unit.media import numbered
from tests.unit.media.numbered import Numbered
from tests.unit.media.rewriting import Stored, rewrite
from tests.unit.media.splices import LOGGER, cut, frames, told, wanted


@pytest.fixture(autouse=True)
def _logged(caplog):
    caplog.set_level(logging.INFO, logger=LOGGER)


def make_two_sets(path):
    def change(stored):
        record = avc.Record.parse(stored.extradata)
        other = replace(record, sequences=(record.sequences[0] + b"\x80",))
        return replace(stored, extradata=record.joined(other).to_bytes())

    return rewrite(numbered.write(path.with_name("plain.mp4")), path, change)


def make_change(path):
    """A new SPS on the way."""

    def change(stored):
        unit = avc.Record.parse(stored.extradata).sequences[0] + b"\x01"
        data = len(unit).to_bytes(4, "big") + unit + stored.packets[75].data
        return stored.with_packet(75, data=data)

    return rewrite(numbered.write(path.with_name("plain.mp4")), path, change)


def make_blind(path):
    source = numbered.write(path.with_name("plain.mp4"))
    with av.open(str(source)) as container, av.open(str(path), "w") as output:
        sound = container.streams.audio[0]
        stream = output.add_stream_from_template(sound)
        for packet in container.demux(sound):
            if packet.size:
                packet.stream = stream
                output.mux(packet)
    return path


FULL = {
    ("a.mp4", "CODEC"): Numbered(codec="mpeg4", b_frames=0),
    ("a.ts", "CONTAINER"): Numbered(),
    ("deep.mp4", "PROFILE"): Numbered(pix_fmt="yuv420p10le"),
    ("444.mp4", "PROFILE"): Numbered(pix_fmt="yuv444p"),
    ("a.mkv", "INTERLACED"): Numbered(x264="interlaced=1"),
    ("sets.mp4", "PARAMETER_SETS"): make_two_sets,
    ("change.mp4", "PARAMETER_CHANGE"): make_change,
    ("a.m4a", "NO_PICTURES"): make_blind,
    ("crop.mp4", "CROPPING"): Numbered(x264="crop-rect=16,0,0,0"),
}


@pytest.mark.parametrize(("name", "reason"), FULL)
def test_what_cannot_be_copied_is_encoded_in_full(tmp_path, limits, caplog, name, reason):
    made = FULL[name, reason]
    path = tmp_path / name
    source = numbered.write(path, made) if isinstance(made, Numbered) else made(path)
    found = describe(cut(source, limits), limits=limits, budget=Budget(60))
    assert told(caplog).reason == reason
    assert float(found.duration) == pytest.approx(4.55, abs=0.03)


# What single groups cannot be copied of.


def damage(stored):
    return stored.with_packet(100, data=stored.packets[100].data[:-3])


def double_time(stored):
    return stored.with_packet(99, pts=stored.packets[100].pts)


def hide_first(stored):
    """Have the first ten pictures lie before the edit that is played."""
    shift = 10 * 512
    return Stored(
        stored.extradata,
        [replace(p, pts=p.pts - shift, dts=p.dts - shift) for p in stored.packets],
    )


GROUPS = {
    "OPEN_GROUP": (Numbered(x264="open-gop=1"), None),
    "TIMES": (Numbered(b_frames=0, has_sound=False), double_time),
    "DAMAGE": (Numbered(has_sound=False), damage),
    "EDIT_LIST": (Numbered(has_sound=False), hide_first),
}


@pytest.mark.parametrize("reason", GROUPS)
def test_groups_that_cannot_be_copied_are_encoded(tmp_path, limits, caplog, reason):
    clip, change = GROUPS[reason]
    source = numbered.write(tmp_path / "plain.mp4", clip)
    if change is not None:
        source = rewrite(source, tmp_path / "a.mp4", change)
    cut(source, limits, [(Fraction(1, 5), Fraction(5))])
    assert reason in told(caplog).hindrances


def test_groups_that_do_not_fit_into_memory_are_encoded(tmp_path, limits, caplog, monkeypatch):
    monkeypatch.setattr(groups, "MAX_GROUP_PICTURES", 20)
    clip = Numbered()
    out = cut(numbered.write(tmp_path / "a.mp4", clip), limits)
    assert [numbered.number(frame) for _, frame in frames(out)] == [n for _, n in wanted(clip)]
    assert told(caplog).hindrances == {"LENGTH": 3}


def test_pictures_reordered_further_than_said_are_encoded(tmp_path, limits):
    path = numbered.write(tmp_path / "a.mp4")
    with open_media(path, limits=limits) as media:
        splice = replace(Splice.of(media, threads=1), reordered_frames=0)
        reading = GroupReading(media, Span(Fraction(1), Fraction(3)), splice, Budget(60))
        assert not any(isinstance(event, Run) for event in reading.events())
    assert reading.hindrances == {Hindrance.REORDERING: 2}


def test_a_format_that_the_encoder_refuses_is_a_hindrance(tmp_path, limits):
    with open_media(numbered.write(tmp_path / "a.mp4"), limits=limits) as media:
        encoding = replace(Splice.of(media, threads=1).encoding, pix_fmt="rgb8")
    with pytest.raises(Unsuitable) as caught:
        encoding.parameter_sets()
    assert caught.value.hindrance == Hindrance.ENCODER
