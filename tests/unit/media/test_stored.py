"""Media in an S3 store are read by ranges: what a segment does not need is not sent."""

from __future__ import annotations

from fractions import Fraction

import obstore
import pytest
from emotionmap_media import tally
from emotionmap_media.budget import Budget
from emotionmap_media.clock import Span
from emotionmap_media.decode import SegmentSpec, Summary, decode_segment
from emotionmap_media.highlights import FileChunk, cut_highlights
from emotionmap_media.probe import describe
from emotionmap_media.stored import BLOCK_BYTES, StoredMedia, open_store
from emotionmap_media.thumbnails import Box, ThumbnailSpec, render_thumbnails
from emotionmap_runtime.errors import ServiceError

from tests.s3_server import s3_server
from tests.unit.media.clips import Clip, make

CLIP = Clip("rawvideo", seconds=120, fps=Fraction(5), pix_fmt="rgb24")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A file of 12 MB whose index lies at its end."""
    return make(tmp_path_factory.mktemp("clips") / "clip.mov", CLIP)


@pytest.fixture(scope="module")
def store(path):
    with s3_server() as url:
        store = open_store(url)
        obstore.put(store, "a/clip.mov", path.read_bytes())
        yield store


@pytest.fixture
def stored(store, path):
    return StoredMedia(store, "a/clip.mov", size_bytes=path.stat().st_size)


def budget():
    return Budget(60)


def spec(start, end):
    span = Span(Fraction(start), Fraction(end))
    return SegmentSpec(span, Fraction(2), 64, audio_margin=Fraction(1), interval=Fraction(1))


def test_a_segment_in_the_middle_reads_little_and_gives_the_same(stored, path, limits):
    wanted = spec(60, 72)
    pieces = list(decode_segment(stored, wanted, limits=limits, budget=budget()))
    assert pieces == list(decode_segment(path, wanted, limits=limits, budget=budget()))
    assert isinstance(pieces[-1], Summary)
    assert pieces[-1].frames == 24
    assert stored.bytes_read < stored.size_bytes / 3
    assert stored.requests < 16


@pytest.fixture
def long(monkeypatch):
    """Have the file count as one that is not read through to probe it."""
    monkeypatch.setitem(tally.by_index.__kwdefaults__, "min_entries", 100)


@pytest.mark.usefixtures("long")
def test_probing_a_long_file_reads_the_index_and_little_more(stored, path, limits):
    found = describe(stored, limits=limits, budget=budget())
    assert found == describe(path, limits=limits, budget=budget())
    assert stored.bytes_read < stored.size_bytes / 4


@pytest.mark.usefixtures("long")
def test_highlights_and_thumbnails_are_the_same(stored, path, limits):
    def cut(source):
        spans = [Span(Fraction(10), Fraction(14)), Span(Fraction(90), Fraction(93))]
        outputs = cut_highlights(source, spans, limits=limits, budget=budget())
        return b"".join(one.data for one in outputs if isinstance(one, FileChunk))

    def render(source):
        specs = [ThumbnailSpec(Fraction(100), Box())]
        pictures = render_thumbnails(source, specs, width_px=64, limits=limits, budget=budget())
        return [picture.jpeg for picture in pictures]

    there, here = len(cut(stored)), len(cut(path))
    assert here > 1000
    assert there == pytest.approx(here, abs=16)  # libx264 does not give the same bytes every time
    assert stored.bytes_read < stored.size_bytes
    assert render(stored) == render(path)


def test_a_store_that_goes_away_is_no_end_of_the_file(stored, limits, monkeypatch):
    pieces = decode_segment(stored, spec(0, 100), limits=limits, budget=budget())
    next(pieces)
    monkeypatch.setattr(stored, "_key", "a/gone.mov")
    with pytest.raises(ServiceError) as caught:
        list(pieces)
    assert caught.value.reason == "MEDIA_NOT_FOUND"


def test_a_reader_reads_what_a_file_would(stored, path):
    data, reader = path.read_bytes(), stored.open()
    for start, size in [(0, 10), (BLOCK_BYTES - 3, 7), (len(data) - 5, 100), (3, 2 * BLOCK_BYTES)]:
        assert reader.seek(start) == start
        assert reader.read(size) == data[start : start + size]
    assert reader.seek(0, 2) == len(data)
    assert reader.read(1) == b""
