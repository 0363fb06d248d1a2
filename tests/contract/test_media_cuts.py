"""What CutHighlights of MediaService must do, over a real socket, with the real interceptors."""

from __future__ import annotations

import asyncio
import tempfile
from fractions import Fraction

import pytest
from emotionmap.v1 import media_service_pb2 as pb
from emotionmap_media.clock import from_duration

from tests.contract.media_calls import KEY, ranges, span, stub_for
from tests.unit.media.clips import Clip, make

STYLES = [pb.HIGHLIGHTS_STYLE_UNSPECIFIED, pb.HIGHLIGHTS_STYLE_FAST, pb.HIGHLIGHTS_STYLE_POLISHED]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    path = folder / "objects" / KEY
    path.parent.mkdir(parents=True)
    make(path, Clip(seconds=4))
    return folder


@pytest.mark.parametrize("style", STYLES)
async def test_a_cut_streams_progress_then_an_mp4_then_a_summary(data_dir, style):
    request = ranges((2, Fraction(5, 2)), (0, 1))
    request.style = style
    request.captions.add(range=span(0, 1), text="Happy", color_rgb=0xFFD23F)
    async with stub_for(data_dir) as stub:
        answers = [one async for one in stub.CutHighlights(request)]
    kinds = [one.WhichOneof("payload") for one in answers]
    assert kinds == sorted(kinds, key=["progress", "chunk", "summary"].index)
    summary = answers[-1].summary
    is_polished = style == pb.HIGHLIGHTS_STYLE_POLISHED
    assert (summary.pieces, summary.note, summary.copied_share > 0) == (2, "", not is_polished)
    # Polished, the two share a sixth of a second, a third of the shorter.
    crossfade = Fraction(1, 6) if is_polished else 0
    assert float(from_duration(summary.duration)) == pytest.approx(float(1.5 - crossfade))
    data = b"".join(one.chunk for one in answers if one.HasField("chunk"))
    assert data[4:8] == b"ftyp"
    assert max(len(one.chunk) for one in answers) <= 2**20


async def until(look):
    async with asyncio.timeout(10):
        while not look():
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("style", ["FAST", "POLISHED"])
async def test_a_cut_that_is_cancelled_ends_within_a_second_and_leaves_no_file(
    data_dir, tmp_path, monkeypatch, style
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    make(data_dir / "objects/uploads/coarse.mkv", Clip(seconds=8, video_codec="mpeg4"))
    request = pb.CutHighlightsRequest(
        media_key="uploads/coarse.mkv",
        ranges=[span(0, 8)],
        style=pb.HighlightsStyle.Value(f"HIGHLIGHTS_STYLE_{style}"),
    )
    async with stub_for(data_dir) as stub:
        call = stub.CutHighlights(request)
        assert (await anext(aiter(call))).progress == 0
        await until(lambda: list(tmp_path.rglob("*.mp4")))
        call.cancel()
        async with asyncio.timeout(1):
            await until(lambda: not list(tmp_path.rglob("*.mp4")))
        assert not [one for folder in tmp_path.iterdir() for one in folder.iterdir()]
