"""Cuts are exact, in sync, and clean up behind themselves."""

from __future__ import annotations

import gc
import tempfile
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from emotionmap_media.budget import Abandoned, Budget
from emotionmap_media.clock import Span
from emotionmap_media.highlights import FileChunk, Progress, cut_highlights
from emotionmap_media.mp4_file import Mp4File
from emotionmap_media.probe import describe
from emotionmap_media.sound_track import SoundTrack
from emotionmap_runtime.errors import ServiceError

from tests.unit.media import numbered
from tests.unit.media.clips import Clip, luma, make
from tests.unit.media.numbered import Numbered

TOLERANCE = 8
"""Loss of encoding twice."""
FRAME = Fraction(1, 30)


def cut(path, limits, *ranges):
    spans = [Span(Fraction(start), Fraction(end)) for start, end in ranges]
    return list(cut_highlights(path, spans, limits=limits, budget=Budget(120)))


def written(path, limits, *ranges):
    target = path.with_name("cut.mp4")
    chunks = [one.data for one in cut(path, limits, *ranges) if isinstance(one, FileChunk)]
    target.write_bytes(b"".join(chunks))
    return target


def pictures(path):
    """Return (time, stored luma) of every picture."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        return [
            (frame.pts * video.time_base, frame.to_ndarray()[frame.height - 1, -1])
            for frame in container.decode(video)
        ]


def sound(path):
    with av.open(str(path)) as container:
        parts = [frame.to_ndarray()[0] for frame in container.decode(audio=0)]
    return np.concatenate(parts)


def test_cuts_are_exact(tmp_path, limits):
    path = make(tmp_path / "a.mp4", Clip(gop=60))
    out = written(path, limits, ("0.5", "1"), ("1.7", "2.2"))
    shown = pictures(out)
    wanted = [*range(15, 30), *range(51, 66)]
    assert len(shown) == len(wanted)
    for number, ((time, value), index) in enumerate(zip(shown, wanted, strict=True)):
        assert abs(time - number * FRAME) <= Fraction(1, 1000)
        assert abs(int(value) - luma(index)) <= TOLERANCE


def test_the_output_is_a_streamable_mp4_of_exact_length(tmp_path, limits):
    out = written(make(tmp_path / "a.mkv"), limits, ("0.5", "1"), ("1.7", "2.2"))
    found = describe(out, limits=limits, budget=Budget(30))
    assert (found.video_codec, found.audio_codec) == ("h264", "aac")
    assert float(found.duration) == pytest.approx(1, abs=0.03)
    assert {Fraction(0), Fraction(1, 2)} <= set(found.key_frames)
    data = out.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_a_hundred_joins_stay_in_sync(tmp_path, limits):
    path = make(tmp_path / "a.mp4", Clip(seconds=4, gop=10))
    ranges = [(Fraction(i, 26), Fraction(i, 26) + Fraction(1, 40)) for i in range(100)]
    out = written(path, limits, *ranges)
    total = sum(end - start for start, end in ranges)
    with av.open(str(out)) as container:
        ends = [float(s.duration * s.time_base) for s in container.streams]
    assert max(abs(end - float(total)) for end in ends) <= float(FRAME)


def test_sound_and_picture_meet_behind_joins(tmp_path, limits):
    path = make(tmp_path / "a.mp4", Clip(seconds=4))
    out = written(path, limits, ("0.5", "0.9"), ("1.8", "2.5"), ("2.9", "3.4"))
    samples = np.abs(sound(out))
    bursts = [0.4 + 0.2, 0.4 + 0.7 + 0.1]  # where seconds 2 and 3 lie in the output
    for start_s in bursts:
        at = round(start_s * 48_000)
        assert samples[at + 100 : at + 2300].max() > 0.3
        assert samples[at - 2400 : at - 400].max() < 0.1


def test_there_are_no_clicks_at_joins(tmp_path, limits):
    out = written(make(tmp_path / "a.mp4"), limits, ("0.01", "0.03"), ("1.02", "1.04"))
    samples = sound(out)
    assert np.abs(np.diff(samples)).max() < 0.15


def test_changing_frame_rates_keep_their_times(tmp_path, limits):
    times = tuple(Fraction(t) for t in ("0", "0.1", "0.15", "0.7", "1.5", "2.9"))
    path = make(tmp_path / "a.mp4", Clip(video_times=times, audio_codec=None))
    shown = pictures(written(path, limits, ("0.12", "1.6")))
    assert [float(time) for time, _ in shown] == pytest.approx([0, 0.03, 0.58, 1.38], abs=0.001)
    found = describe(tmp_path / "cut.mp4", limits=limits, budget=Budget(30))
    assert float(found.duration) == pytest.approx(1.48, abs=0.01)


@pytest.mark.parametrize(
    ("name", "clip", "size"),
    [
        ("odd.mkv", Clip(video_codec="mpeg4", size_px=(97, 63)), (96, 62)),
        ("rotated.mp4", Clip(rotation_degrees=90), (64, 96)),
        ("wide.mp4", Clip(pixel_aspect=Fraction(2)), (192, 64)),
        ("deep.mkv", Clip(pix_fmt="yuv420p10le"), (96, 64)),
        ("silent.mp4", Clip(audio_codec=None), (96, 64)),
        ("blind.m4a", Clip(video_codec=None), (0, 0)),
        ("old.mpg", Clip(video_codec="mpeg1video", audio_codec="mp2", fps=Fraction(25)), (96, 64)),
        (
            "a.gif",
            Clip(video_codec="gif", audio_codec=None, pix_fmt="rgb8", fps=Fraction(10)),
            (96, 64),
        ),
    ],
)
def test_every_kind_of_source_can_be_cut(tmp_path, limits, name, clip, size):
    out = written(make(tmp_path / name, clip), limits, ("0.2", "0.9"), ("1.1", "1.4"))
    found = describe(out, limits=limits, budget=Budget(30))
    assert (found.width_px, found.height_px) == size
    assert (found.has_video, found.has_audio) == (bool(clip.video_codec), bool(clip.audio_codec))
    assert float(found.duration) == pytest.approx(1, abs=0.05)


def test_a_range_without_pictures_or_sound_is_filled(tmp_path, limits):
    path = make(tmp_path / "a.mp4", Clip(video_start=Fraction(1), seconds=1, audio_seconds=3))
    shown = pictures(written(path, limits, ("0.2", "0.6"), ("1.0", "1.5")))
    assert shown[0][0] == 0
    assert shown[0][1] <= 20  # black
    assert float(shown[1][0]) == pytest.approx(0.4, abs=0.001)


def test_progress_rises_and_comes_before_the_bytes(tmp_path, limits):
    out = cut(make(tmp_path / "a.mp4"), limits, ("0", "1"), ("2", "9"))
    shares = [one.share for one in out if isinstance(one, Progress)]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    first_chunk = next(i for i, one in enumerate(out) if isinstance(one, FileChunk))
    assert first_chunk == len(shares)


def test_a_range_behind_the_end_is_an_error(tmp_path, limits):
    with pytest.raises(ServiceError) as caught:
        cut(make(tmp_path / "a.mp4"), limits, ("0", "1"), ("3", "4"))
    assert caught.value.reason == "OFFSET_PAST_END"


def test_nothing_is_left_behind(tmp_path, limits, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))
    Path(tempfile.tempdir).mkdir()
    path, budget = make(tmp_path / "a.mp4"), Budget(60)
    cut(path, limits, ("0", "1"))
    running = cut_highlights(path, [Span(Fraction(0), Fraction(3))], limits=limits, budget=budget)
    assert isinstance(next(running), Progress)
    assert list(Path(tempfile.tempdir).iterdir())
    budget.abandon()
    with pytest.raises(Abandoned):
        list(running)
    assert not list(Path(tempfile.tempdir).iterdir())


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])  # copied in part, encoded in full
def test_a_cut_that_is_left_half_way_goes_without_a_word(tmp_path, limits, codec):
    (folder := tmp_path / "scratch").mkdir()
    path, budget = make(tmp_path / "a.mkv", Clip(video_codec=codec, gop=10)), Budget(60)
    spans = [Span(Fraction(0), Fraction(3))]
    running = cut_highlights(path, spans, limits=limits, budget=budget, folder=folder)
    shares = (one.share for one in running if isinstance(one, Progress))
    assert next(share for share in shares if share > 0.5) < 1
    assert [one.stat().st_size for one in folder.rglob("*.mp4")]
    running.close()
    gc.collect()  # what could not be closed in good order would be told of now, and fail the test
    assert not list(folder.iterdir())


class Beep(Mp4File):
    """A tenth of a second of silence, unless its end fails."""

    def __init__(self, path, *, fails):
        super().__init__(path)
        self.fails = fails

    def _begin(self):
        self.track = SoundTrack(self._output, rate_hz=48_000, channels=1)
        self.track.add(np.zeros((4_800, 1), np.int16))

    def _finish(self):
        self.track.finish()
        if self.fails:
            raise ValueError


@pytest.mark.parametrize("fails", [False, True])
def test_of_a_file_that_is_not_whole_nothing_is_left(tmp_path, fails):
    with suppress(ValueError), Beep(tmp_path / "a.mp4", fails=fails):
        pass
    assert (tmp_path / "a.mp4").exists() == (not fails)
    with suppress(ValueError), Beep(tmp_path / "b.mp4", fails=False):
        raise ValueError
    assert not (tmp_path / "b.mp4").exists()


@pytest.mark.parametrize("clip", [
    Numbered(codec="mpeg4", b_frames=0),
    Numbered(codec="mpeg4", b_frames=2),
    Numbered(codec="mpeg4", b_frames=0, has_sound=False),
])  # fmt: skip
def test_an_avi_is_cut_by_its_own_clock(tmp_path, limits, clip):
    """Its muxer shows all pictures but the first later than they were encoded, by one."""
    path = numbered.write(tmp_path / "a.avi", clip)
    with av.open(str(path)) as container:
        shown = [(f.pts / clip.fps, numbered.number(f)) for f in container.decode(video=0)]
    assert {time * clip.fps - n for time, n in shown[1:]} == {1 if clip.has_sound else 0}
    with av.open(str(written(path, limits, ("1", "2"), ("10/3", "5")))) as container:
        cut_out = [numbered.number(frame) for frame in container.decode(video=0)]
    assert cut_out == [n for time, n in shown if 1 <= time < 2 or Fraction(10, 3) <= time < 5]
