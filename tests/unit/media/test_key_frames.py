"""Key frames are spread over the whole file, whatever its length, and are what lies there."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
from emotionmap_media.budget import Budget
from emotionmap_media.key_frames import GlanceSpec, sample_key_frames
from emotionmap_media.together import MAX_FRAMES
from emotionmap_runtime.errors import ServiceError

from tests.unit.media.clips import Clip, full_luma, make

LONG = Clip(seconds=20)
"""40 key frames, half a second apart."""


def groups_of(path, limits, count=10, width_px=640):
    spec = GlanceSpec(count, width_px)
    return list(sample_key_frames(path, spec, limits=limits, budget=Budget(30)))


def frames_of(path, limits, **options):
    return [frame for group in groups_of(path, limits, **options) for frame in group.frames]


def number_of(frame):
    """Return which picture a key frame of a clip is, by its time."""
    return int(frame.time * 30 + Fraction(1, 100))  # sound may begin a little earlier


@pytest.mark.parametrize("name", ["h264.mp4", "h264.mkv", "hevc.mp4", "vp9.webm", "h264.ts"])
def test_frames_are_spread_evenly_and_are_those_of_their_times(tmp_path, limits, name):
    codecs = {"hevc": {"video_codec": "libx265"}, "vp9": {"video_codec": "libvpx-vp9"}}
    changes = codecs.get(name.partition(".")[0], {})
    sound = "libopus" if name.endswith("webm") else "aac"
    path = make(tmp_path / name, Clip(seconds=20, audio_codec=sound, **changes))
    frames = frames_of(path, limits)
    times = [float(frame.time) for frame in frames]
    assert len(frames) >= 8
    assert times == sorted(set(times))
    assert times == pytest.approx([1 + 2 * round((t - 1) / 2) for t in times], abs=1)
    for frame in frames:
        pixels = np.frombuffer(frame.gray, np.uint8).reshape(frame.height_px, frame.width_px)
        assert pixels[-8:, -8:].mean() == pytest.approx(full_luma(number_of(frame)), abs=6)


def test_more_than_there_are_gives_each_once(tmp_path, limits):
    path = make(tmp_path / "clip.mp4", Clip(seconds=4))
    with av.open(str(path)) as container:
        keys = [float(p.pts * p.time_base) for p in container.demux(video=0) if p.is_keyframe]
    frames = frames_of(path, limits, count=100)
    assert [float(frame.time) for frame in frames] == pytest.approx(keys)


def test_they_come_a_few_at_a_time_as_wide_as_asked_for(tmp_path, limits):
    groups = groups_of(make(tmp_path / "clip.mp4", LONG), limits, count=20, width_px=64)
    assert [len(group.frames) for group in groups] == [MAX_FRAMES, MAX_FRAMES, 4]
    assert {frame.width_px for group in groups for frame in group.frames} == {64}


def test_one_key_frame_is_all_that_such_a_file_gives(tmp_path, limits):
    path = make(tmp_path / "clip.mp4", Clip(gop=1000))
    assert [frame.time for frame in frames_of(path, limits)] == [0]


def test_a_file_that_cannot_be_searched_gives_none(tmp_path, limits):
    clip = Clip(video_codec="mpeg2video", audio_codec=None, fps=Fraction(25))
    assert frames_of(make(tmp_path / "raw.m2v", clip), limits) == []


def test_without_pictures_it_is_refused(tmp_path, limits):
    path = make(tmp_path / "blind.mp4", Clip(video_codec=None))
    with pytest.raises(ServiceError, match="no pictures") as caught:
        frames_of(path, limits)
    assert caught.value.reason == "MEDIA_NO_VIDEO"


def test_damaged_key_frames_are_left_out(tmp_path, limits):
    path = make(tmp_path / "clip.mp4", LONG)
    whole = frames_of(path, limits)
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        entry = next(e for e in video.index_entries if e.is_keyframe and e.timestamp > 60_000)
    data[entry.pos : entry.pos + entry.size] = bytes(entry.size)
    path.write_bytes(data)
    assert 0 < len(frames_of(path, limits)) <= len(whole)
