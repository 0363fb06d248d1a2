"""Cuts films of numbered pictures, and tells what came out."""

from __future__ import annotations

from fractions import Fraction

import av
from emotionmap_media.budget import Budget
from emotionmap_media.clock import Span
from emotionmap_media.highlights import FileChunk, cut_highlights

RANGES = ((Fraction(1, 2), Fraction(27, 10)), (Fraction(16, 5), Fraction(111, 20)))
LOGGER = "emotionmap_media.fast_cut"


def cut(path, limits, ranges=RANGES):
    spans = [Span(Fraction(start), Fraction(end)) for start, end in ranges]
    target = path.with_name("cut.mp4")
    outputs = cut_highlights(path, spans, limits=limits, budget=Budget(300))
    target.write_bytes(b"".join(one.data for one in outputs if isinstance(one, FileChunk)))
    return target


def frames(path):
    """Return (seconds, picture) of all that a strict decoder gives."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        video.codec_context.options = {"err_detect": "explode"}
        return [(frame.pts * video.time_base, frame) for frame in container.decode(video)]


def packets(path):
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def wanted(clip, ranges=RANGES):
    """Return (seconds, number) of the pictures that the output should show."""
    found, offset = [], Fraction(0)
    for start, end in ranges:
        found += [
            (offset + max(clip.time(index) - start, Fraction(0)), index)
            for index in clip.shown(start, end)
        ]
        offset += end - start
    return found


def told(caplog):
    """Return what the log says of the cut."""
    return [r for r in caplog.records if r.name == LOGGER][-1]
