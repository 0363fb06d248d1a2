"""A clip that is joined to itself plays on without a gap, and ends where it should."""

from __future__ import annotations

import struct
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import av
import pytest

from tests.bench.clip import Format, write_clip
from tests.bench.multiply import Piece, pad, repeat, repeated

FPS = 10
VIDEO, SOUND = 0, 1
CLIP_S = 1.6
"""48 pictures, and 75 packets of AAC."""
SMALL = Format(width_px=320, height_px=180, bit_rate=100_000, options={"sc_threshold": "0"})


def piece(stream: int, number: int, *, is_key: bool = False) -> Piece:
    return Piece(b"x", stream, number, number, 1, Fraction(1, FPS), is_key)


PICTURES = [piece(VIDEO, number, is_key=number % 5 == 0) for number in range(10)]


def shown(pieces, stream=VIDEO):
    return [each.shown for each in pieces if each.stream == stream]


@pytest.mark.parametrize(("seconds", "pictures"), [(1, 10), (0.5, 5), (2.1, 25), (3, 30)])
def test_pictures_follow_each_other_up_to_the_end_of_a_group(seconds, pictures) -> None:
    found = repeated(PICTURES, video=VIDEO, period_s=Fraction(1), seconds=seconds)
    assert shown(found) == list(range(pictures))


def test_sound_around_the_clip_is_left_out_at_joins() -> None:
    sound = [piece(SOUND, number) for number in range(-1, 12)]
    pieces = [*PICTURES, *sound]
    found = repeated(pieces, video=VIDEO, period_s=Fraction(1), seconds=2)
    assert shown(found, SOUND) == list(range(-1, 20))


def test_a_decoder_sees_later_times_as_well() -> None:
    early = [replace(PICTURES[0], decoded=-2)]
    found = repeated(early, video=VIDEO, period_s=Fraction(1), seconds=2)
    assert [each.decoded for each in found] == [-2, 8]


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return write_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", CLIP_S, SMALL)


def test_a_long_file_decodes_without_a_gap(clip, tmp_path) -> None:
    long = repeat(clip, tmp_path / "long.mp4", 8)
    with av.open(str(long)) as media:
        pictures = [frame.time for frame in media.decode(video=0)]
    with av.open(str(long)) as media:
        sound = list(media.decode(audio=0))
    assert pictures == pytest.approx([number / 30 for number in range(240)])
    steps = {b.pts - a.pts for a, b in pairwise(sound)}
    assert steps == {1024}
    assert sound[-1].time == pytest.approx(8, abs=0.05)
    assert [path.name for path in tmp_path.iterdir()] == ["long.mp4"]


def test_a_padded_file_is_as_large_as_asked_and_plays(clip, tmp_path) -> None:
    large = pad(clip, tmp_path / "large.mp4", 50_000_000)
    assert large.stat().st_size == 50_000_000
    assert large.stat().st_blocks * 512 < 5_000_000
    with av.open(str(large)) as media:
        assert media.duration == pytest.approx(CLIP_S * 1e6, abs=5e4)
    size, kind = struct.unpack_from(">I4s", large.read_bytes(), clip.stat().st_size)
    assert (size, kind) == (50_000_000 - clip.stat().st_size, b"free")


def test_a_file_is_not_padded_to_less_than_it_has(clip, tmp_path) -> None:
    with pytest.raises(ValueError, match="already"):
        pad(clip, tmp_path / "large.mp4", 1000)
    assert not list(tmp_path.iterdir())
