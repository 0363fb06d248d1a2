"""A polished cut has title, crossfades and captions, and is as long as it says."""

from __future__ import annotations

import sys
import tracemalloc
from fractions import Fraction

import av
import numpy as np
import pytest
from emotionmap_media import lettering
from emotionmap_media.budget import Abandoned, Budget
from emotionmap_media.clock import Span
from emotionmap_media.highlights import FileChunk, Progress, cut_highlights
from emotionmap_media.outcome import Outcome
from emotionmap_media.polished import TITLE_S, Caption, Polish
from emotionmap_media.probe import describe
from emotionmap_media.shots import mixed, plan
from emotionmap_runtime.errors import ServiceError

from tests.unit.media import numbered
from tests.unit.media.clips import Clip, make
from tests.unit.media.numbered import Numbered

SIZE_PX = (384, 216)
RED = 0xE8561F
RANGES = ((Fraction(3), Fraction(5)), (Fraction(1, 2), Fraction(2)))
FADE = Fraction(1, 2)


def cut(path, limits, polish, ranges=RANGES):
    """Return (outputs, path of the file)."""
    spans = [Span(Fraction(start), Fraction(end)) for start, end in ranges]
    outputs = list(cut_highlights(path, spans, limits=limits, budget=Budget(300), polish=polish))
    target = path.with_name("polished.mp4")
    target.write_bytes(b"".join(one.data for one in outputs if isinstance(one, FileChunk)))
    return outputs, target


def frames(path):
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return numbered.write(tmp_path_factory.mktemp("film") / "a.mp4", Numbered(size_px=SIZE_PX))


def test_pieces_play_in_their_order_and_share_their_crossfade(source, limits):
    outputs, target = cut(source, limits, Polish("", ()))
    shown = frames(target)
    assert len(shown) == (2 + 1.5 - 0.5) * 30
    assert [numbered.number(frame) for frame in shown[:45]] == list(range(90, 135))
    assert [numbered.number(frame) for frame in shown[60:]] == list(range(30, 60))
    assert outputs[-1] == Outcome(Fraction(3), 0.0, "", 2)
    found = describe(target, limits=limits, budget=Budget(60))
    assert float(found.duration) == pytest.approx(3, abs=0.03)
    assert (found.video_codec, found.audio_codec) == ("h264", "aac")


def test_a_crossfade_is_half_of_each_in_its_middle(tmp_path, limits):
    path = make(tmp_path / "a.mp4", Clip(seconds=4, video_times=(Fraction(0), Fraction(2))))
    _, target = cut(path, limits, Polish("", ()), [(0, 2), (2, 4)])
    luma = {f.time: float(f.to_ndarray()[f.height - 1, -1]) for f in frames(target)}
    before, after = (luma[min(luma, key=lambda time: abs(time - at))] for at in (1, 3))
    fade = {time: luma[time] for time in luma if 1.5 < time < 2}
    assert list(fade.values()) == sorted(fade.values())
    middle = min(fade, key=lambda time: abs(time - 1.75))
    expected = before + (after - before) * (middle - 1.5) * 2
    assert (after - before, fade[middle]) == (
        pytest.approx(37, abs=8),
        pytest.approx(expected, abs=6),
    )


def test_the_title_card_comes_first(source, limits):
    outputs, target = cut(source, limits, Polish("A fine day", ()))
    shown = frames(target)
    card = shown[10].to_ndarray(format="rgb24")
    assert tuple(card[5, 5]) == pytest.approx(lettering.GROUND_RGB, abs=4)
    assert card.max() > 200
    ink = np.flatnonzero((card.max(axis=2) > 128).any(axis=0))
    assert (ink[0] + ink[-1]) / 2 == pytest.approx(SIZE_PX[0] / 2, abs=10)
    assert outputs[-1].duration == TITLE_S + 2 + Fraction(3, 2) - 2 * FADE
    first = int(TITLE_S * 30)  # the first piece began half a second before
    assert numbered.number(shown[first]) == 90 + 15


def test_captions_are_there_only_while_they_apply(source, limits):
    captions = (Caption(Span(Fraction(7, 2), Fraction(4)), "Anger 80%", RED),)
    _, target = cut(source, limits, Polish("", captions))
    pictures = [frame.to_ndarray(format="rgb24").astype(int) for frame in frames(target)]
    marked = [
        index
        for index, picture in enumerate(pictures)
        if (np.abs(picture - (0xE8, 0x56, 0x1F)).max(axis=2) < 50).sum() > 30
    ]
    assert marked == list(range(15, 30))


def test_sound_lasts_as_long_as_the_pictures_and_stays_with_them(source, limits):
    _, target = cut(source, limits, Polish("A title", ()), [(3, 5), (0, 2)])
    with av.open(str(target)) as container:
        heard = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
    assert len(heard) / 48_000 == pytest.approx(2.5 + 2 + 2 - 1, abs=0.05)
    # Second 4 lies a second into the first piece, second 1 a second into the next.
    for at_s in (2.5 - 0.5 + 1, 2.5 + 2 - 1 + 1):
        around = np.abs(heard[round((at_s - 0.1) * 48_000) : round((at_s + 0.1) * 48_000)])
        assert np.flatnonzero(around > 0.3)[0] / 48_000 == pytest.approx(0.1, abs=0.005)
    assert np.abs(heard[:48_000]).max() < 0.01  # the title is silent


def test_a_crossfade_of_sound_keeps_its_power():
    rng = np.random.default_rng(3)
    before, after = rng.normal(0, 4000, (2, 48_000, 1)).astype(np.int16)
    whole = mixed(before, after, done=0, total=48_000)
    parts = [
        mixed(before[at : at + 1000], after[at : at + 1000], done=at, total=48_000)
        for at in range(0, 48_000, 1000)
    ]
    assert np.array_equal(np.concatenate(parts), whole)
    power = (whole.astype(float).reshape(8, -1) ** 2).mean(axis=1) ** 0.5
    assert power == pytest.approx(np.full(8, 4000), rel=0.05)


def test_never_more_than_two_shots_play_at_once():
    lengths = [Fraction(n % 7 + 1, 5) for n in range(50)]
    shots = plan([Span(Fraction(0), length) for length in lengths], title_s=TITLE_S)
    for before, after in zip(shots, shots[2:], strict=False):
        assert before.end < after.start
    assert shots[-1].end == sum(lengths) - sum(shot.fade for shot in shots)


@pytest.mark.parametrize(
    ("name", "clip", "size"),
    [
        ("rotated.mp4", Clip(rotation_degrees=90), (64, 96)),
        ("wide.mp4", Clip(pixel_aspect=Fraction(2)), (192, 64)),
        ("silent.mkv", Clip(audio_codec=None, video_codec="mpeg4"), (96, 64)),
        ("deep.mkv", Clip(pix_fmt="yuv420p10le"), (96, 64)),
        ("late.mp4", Clip(video_start=Fraction(1), seconds=2, audio_seconds=3), (96, 64)),
    ],
)
def test_every_kind_of_source_can_be_polished(tmp_path, limits, name, clip, size):
    polish = Polish("T", (Caption(Span(Fraction(0), Fraction(2)), "Happy " * 15, 0),))
    _, target = cut(make(tmp_path / name, clip), limits, polish, [("0.2", "0.9"), ("1.1", "1.4")])
    found = describe(target, limits=limits, budget=Budget(60))
    assert (found.width_px, found.height_px, found.has_audio) == (*size, bool(clip.audio_codec))


def test_without_pictures_it_is_cut_fast_and_says_so(tmp_path, limits):
    path = make(tmp_path / "a.m4a", Clip(video_codec=None))
    outputs, target = cut(path, limits, Polish("Title", ()), [(0, 1)])
    assert "Without pictures" in outputs[-1].note
    assert float(describe(target, limits=limits, budget=Budget(60)).duration) < 1.1


def test_progress_rises_and_a_cut_can_be_left(source, limits):
    budget = Budget(60)
    spans = [Span(Fraction(0), Fraction(5))]
    running = cut_highlights(source, spans, limits=limits, budget=budget, polish=Polish("", ()))
    shares = [next(running).share for _ in range(10)]
    assert shares == sorted(shares)
    assert shares[-1] < 0.5
    budget.abandon()
    with pytest.raises(Abandoned):
        list(running)


def test_it_needs_moviepy(source, limits, monkeypatch):
    monkeypatch.setitem(sys.modules, "moviepy", None)
    with pytest.raises(ServiceError) as caught:
        cut(source, limits, Polish("", ()))
    assert caught.value.reason == "POLISHED_UNAVAILABLE"
    assert isinstance(cut(source, limits, None)[0][0], Progress)


def test_memory_does_not_grow_with_the_length(tmp_path, limits):
    path = make(tmp_path / "a.mp4", Clip(seconds=12, size_px=(320, 240), gop=30))
    polish, peaks = Polish("", ()), []
    cut(path, limits, polish, [(0, 1)])  # what is loaded once
    for seconds in (2, 12):
        tracemalloc.start()
        cut(path, limits, polish, [(start, start + 1) for start in range(seconds)])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 2**21


@pytest.mark.parametrize(
    ("font", "text", "written"),
    [
        (None, "M\u00fcnchen \u2013 \u201cja\u201d\n\u5149 \u2603", 'Munchen - "ja"'),
        ("some.ttf", "M\u00fcnchen\t\u5149\x07", "M\u00fcnchen \u5149"),
        (None, "\u5149", ""),
    ],
)
def test_what_a_font_lacks_is_not_written(font, text, written):
    assert lettering.Pen(None, font).writable(text) == written


def test_a_title_that_has_no_letters_is_no_card(source, limits):
    outputs, _ = cut(source, limits, Polish(" \n", ()), [(0, 1)])
    assert outputs[-1].duration == 1


@pytest.mark.parametrize("text", ["x" * 200, "word " * 40, "W", "\u00c5\u00e9\u00fc"])
@pytest.mark.parametrize("size_px", [(16, 16), (1920, 1080), (90, 160)])
def test_any_text_can_be_drawn_on_any_size(text, size_px):
    pen = lettering.load()
    assert lettering.draw_title(pen, text, size_px).shape == (size_px[1], size_px[0], 3)
    plate = lettering.draw_caption(pen, text[:100], RED, size_px)
    picture = np.zeros((size_px[1], size_px[0], 3), np.uint8)
    assert plate.stamp(picture).shape == picture.shape
    assert not picture.any()
