"""The index of a long file tells what reading all of its packets would."""

from __future__ import annotations

from fractions import Fraction

import pytest
from emotionmap_media.budget import Budget
from emotionmap_media.container import open_media
from emotionmap_media.tally import MIN_ENTRIES, by_index, by_packets

from tests.unit.media.clips import Clip, make

FAST_START = {"movflags": "faststart"}

INDEXED = {
    "plain.mp4": Clip(seconds=6),
    "without_b_frames.mp4": Clip(b_frames=0),
    "index_in_front.mp4": Clip(options=FAST_START),
    "silent.mp4": Clip(audio_codec=None),
    "longer_sound.mp4": Clip(audio_seconds=5),
    "shorter_sound.mp4": Clip(seconds=5, audio_seconds=1),
    "late_pictures.mp4": Clip(video_start=Fraction(1)),
    "late_sound.mp4": Clip(audio_start=Fraction(1)),
    "hevc.mp4": Clip(video_codec="libx265"),
    "one_key_frame.mp4": Clip(gop=1000),
}
NOT_INDEXED = {
    "fragments.mp4": Clip(b_frames=0, options={"movflags": "frag_keyframe+empty_moov"}),
    "plain.mkv": Clip(),
    "blind.m4a": Clip(video_codec=None),
    "samples.mov": Clip(audio_codec="pcm_s16le"),
}


def told(tally, media):
    """Return what is used of a tally."""
    last = tally.last
    return (
        media.time(tally.end_ticks, tally.stream),
        last.pts,
        last.duration,
        last.has_sidedata("skip_samples"),
        tally.sample is not None,
        [float(media.time(ticks, tally.stream)) for ticks in tally.key_ticks]
        if tally.stream is media.video
        else [],
    )


@pytest.mark.parametrize("name", INDEXED)
def test_it_tells_the_same(tmp_path, limits, name):
    path = make(tmp_path / name, INDEXED[name])
    with open_media(path, limits=limits) as media:
        short = [told(tally, media) for tally in by_index(media, Budget(30), min_entries=1)]
        full = [told(tally, media) for tally in by_packets(media, Budget(30))]
    if name == "shorter_sound.mp4":  # all that is said of it is that it does not end last
        assert short[1][0] <= full[1][0] < full[0][0]
        short, full = short[:1], full[:1]
    for one, other in zip(short, full, strict=True):
        assert one[:-1] == other[:-1]
        assert one[-1] == pytest.approx(other[-1], abs=2 / 30 if name == "hevc.mp4" else 0)


@pytest.mark.parametrize("name", NOT_INDEXED)
def test_without_a_sound_index_it_tells_nothing(tmp_path, limits, name):
    path = make(tmp_path / name, NOT_INDEXED[name])
    with open_media(path, limits=limits) as media:
        assert by_index(media, Budget(30), min_entries=1) is None
        assert all(tally.packets for tally in by_packets(media, Budget(30)))


def test_a_file_that_was_cut_off_is_read(tmp_path, limits):
    path = make(tmp_path / "cut.mp4", Clip(seconds=6, options=FAST_START))
    path.write_bytes(path.read_bytes()[:-4000])
    with open_media(path, limits=limits) as media:
        assert by_index(media, Budget(30), min_entries=1) is None


def test_short_files_are_read(tmp_path, limits):
    path = make(tmp_path / "short.mp4", Clip())
    with open_media(path, limits=limits) as media:
        assert len(media.video.index_entries) < MIN_ENTRIES
        assert by_index(media, Budget(30)) is None
