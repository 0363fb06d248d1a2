"""Copied and encoded pictures join to exactly what was asked for."""

from __future__ import annotations

import logging
from fractions import Fraction

import av
import numpy as np
import pytest
from emotionmap_media import groups
from emotionmap_media.budget import Budget
from emotionmap_media.probe import describe

from tests.unit.media import numbered
from tests.unit.media.numbered import Numbered
from tests.unit.media.splices import LOGGER, cut, frames, packets, told, wanted

UNEVEN = tuple(Fraction(n * n % 7 + 3 * n, 90) for n in range(170))


@pytest.fixture(autouse=True)
def _logged(caplog):
    caplog.set_level(logging.INFO, logger=LOGGER)


CLIPS = {
    "b_frames.mp4": Numbered(),
    "many_b_frames.mp4": Numbered(b_frames=5, gop=40, x264="b-pyramid=normal"),
    "no_b_frames.mp4": Numbered(b_frames=0),
    "rounded.mkv": Numbered(fps=Fraction(24_000, 1001)),
    "ntsc.mp4": Numbered(fps=Fraction(30_000, 1001)),
    "baseline.mp4": Numbered(b_frames=0, options={"profile": "baseline"}),
    "main.mp4": Numbered(options={"profile": "main"}),
    "full_range.mp4": Numbered(pix_fmt="yuvj420p"),
    "slices.mp4": Numbered(x264="slices=4:aud=1"),
    "timed.mp4": Numbered(x264="nal-hrd=vbr:vbv-maxrate=2000:vbv-bufsize=2000"),
    "other_number.mp4": Numbered(x264="sps-id=1:ref=8"),
    "only_key_frames.mp4": Numbered(gop=1),
    "cropped.mp4": Numbered(size_px=(384, 216)),
    "wide.mp4": Numbered(pixel_aspect=Fraction(4, 3)),
    "rotated.mp4": Numbered(rotation_degrees=90),
    "uneven.mp4": Numbered(times=tuple(sorted(set(UNEVEN))), b_frames=3),
    "uneven_no_b.mkv": Numbered(times=tuple(sorted(set(UNEVEN))), b_frames=0),
}


@pytest.mark.parametrize("name", CLIPS)
def test_every_picture_is_there_once_and_in_time(tmp_path, limits, caplog, name):
    clip = CLIPS[name]
    source = numbered.write(tmp_path / name, clip)
    out = cut(source, limits)
    shown = [(time, numbered.number(frame)) for time, frame in frames(out)]
    assert [number for _, number in shown] == [number for _, number in wanted(clip)]
    tolerance = Fraction(1, 1000) if name.endswith("mkv") else Fraction(1, 45_000)
    pairs = zip(shown, wanted(clip), strict=True)
    assert max(abs(time - right) for (time, _), (right, _) in pairs) <= tolerance
    assert told(caplog).copied >= 45
    assert told(caplog).hindrances == {}
    before, after = (describe(p, limits=limits, budget=Budget(60)) for p in (source, out))
    assert (after.width_px, after.height_px) == (before.width_px, before.height_px)
    assert float(after.duration) == pytest.approx(4.55, abs=0.001)


@pytest.mark.parametrize("name", ["b_frames.mp4", "full_range.mp4", "slices.mp4"])
def test_copies_are_identical_and_edges_alike(tmp_path, limits, caplog, name):
    source = numbered.write(tmp_path / name, CLIPS[name])
    originals = [frame.to_ndarray().astype(int) for _, frame in frames(source)]
    out = cut(source, limits)
    losses = [
        np.mean((frame.to_ndarray() - originals[numbered.number(frame)]) ** 2)
        for _, frame in frames(out)
    ]
    assert losses.count(0) >= told(caplog).copied
    assert 10 * np.log10(255**2 / max(losses)) > 38
    same = set(packets(source)) & set(packets(out))
    assert len(same) == told(caplog).copied >= 90


def test_only_edges_are_encoded(tmp_path, limits, caplog):
    source = numbered.write(tmp_path / "a.mp4", Numbered(seconds=12, gop=30))
    cut(source, limits, [(Fraction(1, 2), Fraction(11))])
    assert (told(caplog).copied, told(caplog).encoded) == (300, 15)
    cut(source, limits, [(Fraction(1), Fraction(4)), (Fraction(8), Fraction(12))])
    assert (told(caplog).copied, told(caplog).encoded) == (210, 0)
    assert frames(source.with_name("cut.mp4"))[-1][0] == 7 - Fraction(1, 30)


def test_times_of_decoding_rise_and_the_first_picture_is_at_zero(tmp_path, limits):
    out = cut(numbered.write(tmp_path / "a.mp4", CLIPS["many_b_frames.mp4"]), limits)
    with av.open(str(out)) as container:
        stream = container.streams.video[0]
        found = [(p.dts, p.pts) for p in container.demux(stream) if p.size]
    decoded = [dts for dts, _ in found]
    assert decoded == sorted(set(decoded))
    assert all(dts <= pts for dts, pts in found)
    assert min(pts for _, pts in found) == 0


def test_sound_keeps_with_the_pictures_over_many_joins(tmp_path, limits):
    clip = Numbered(seconds=30, size_px=(96, 48), gop=25)
    source = numbered.write(tmp_path / "a.mp4", clip)
    ranges = [(n + Fraction(n % 9, 10), n + 1 + Fraction(3, 10)) for n in range(0, 28, 2)]
    out = cut(source, limits, ranges)
    with av.open(str(out)) as container:
        heard = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
    offset, checked = Fraction(0), 0
    flashes = {time for time, frame in frames(out) if numbered.is_flash(frame)}
    for start, end in ranges:
        for second in range(int(start) + 1, int(end) + 1):
            at = offset + second - start
            loud = np.flatnonzero(
                np.abs(heard[max(0, round((at - Fraction(1, 10)) * 48_000)) :]) > 0.25
            )
            click = max(Fraction(0), at - Fraction(1, 10)) + Fraction(int(loud[0]), 48_000)
            flash = min(flashes, key=lambda time: abs(time - at))
            assert abs(click - flash) <= Fraction(1, 50)
            assert abs(click - at) <= Fraction(1, 200)
            checked += 1
        offset += end - start
    assert checked >= 14


def test_joins_are_silent(tmp_path, limits):
    source = numbered.write(tmp_path / "a.mp4", Numbered())
    ranges = [
        (Fraction(11, 10) + Fraction(n, 37), Fraction(11, 10) + Fraction(2 * n + 1, 74))
        for n in range(20)
    ]
    with av.open(str(cut(source, limits, ranges))) as container:
        heard = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
    assert np.abs(np.diff(heard)).max() < 0.01  # a cut tone would jump by up to 0.09


# What no picture of can be copied.


@pytest.mark.parametrize("off", [Fraction(1, 10**9), Fraction(-1, 10**9)])
def test_a_cut_a_rounding_beside_a_picture_lies_at_it(tmp_path, limits, off):
    clip = Numbered(fps=Fraction(30_000, 1001))
    ranges = [(clip.time(30), clip.time(75)), (clip.time(100), clip.time(120))]
    source = numbered.write(tmp_path / "a.mp4", clip)
    out = cut(source, limits, [(start + off, end + off) for start, end in ranges])
    shown = [numbered.number(frame) for _, frame in frames(out)]
    assert shown == [*range(30, 75), *range(100, 120)]


def test_fragments_are_cut_as_a_full_encode_cuts_them(tmp_path, limits, caplog, monkeypatch):
    options = {"movflags": "frag_keyframe+empty_moov"}
    source = numbered.write(tmp_path / "a.mp4", Numbered(), container_options=options)
    copied = [numbered.number(frame) for _, frame in frames(cut(source, limits))]
    assert told(caplog).copied > 60
    monkeypatch.setattr(groups, "MAX_GROUP_PICTURES", 1)
    assert copied == [numbered.number(frame) for _, frame in frames(cut(source, limits))]
    assert told(caplog).copied == 0
