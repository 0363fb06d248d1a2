"""Lays copied and newly encoded pictures one behind the other in one track."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from av.packet import Packet
from av.video.frame import PictureType, VideoFrame

from emotionmap_media import avc
from emotionmap_media.tracks import CLOCK_HZ, TICK, PictureTrack

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

    from av.container import OutputContainer
    from av.video.codeccontext import VideoCodecContext
    from av.video.stream import VideoStream

    from emotionmap_media.clock import Span
    from emotionmap_media.groups import Run
    from emotionmap_media.splicing import Splice


class SplicedTrack(PictureTrack):
    """Copies runs of a source, encodes single pictures as the source's are stored.

    Args:
        output: What to write to.
        source: The stream that runs are copied from; what it says of its pictures is kept.
        splice: How the two are joined.

    Attributes:
        copied: Pictures that were copied.
    """

    def __init__(self, output: OutputContainer, *, source: VideoStream, splice: Splice) -> None:
        super().__init__()
        self._splice = splice
        self._muxer = _Muxer(output, source, splice)
        self._encoder: VideoCodecContext | None = None
        self.copied = 0

    def begin(self, span: Span, offset: Fraction) -> None:
        """Start a range; with a picture that all decoding can start from."""
        self._end_edge()
        super().begin(span, offset)

    def add_run(self, run: Run) -> None:
        """Take the next pictures to be copied."""
        if run.times[0] > self._span.start + TICK:
            self._open()
        self._end_edge()
        # On screen already when the range starts, or within a tick of the picture before.
        first = max(self._ticks(max(run.times[0], self._span.start)), self._last_ticks + 1)
        ticks = [first, *(self._ticks(time) for time in run.times[1:])]
        packets = [bytes(packet) for packet in run.packets]
        self._muxer.add(packets, ticks, starts=True)
        self._last_ticks, self._starts_range = max(ticks), False
        self.copied += len(packets)

    def _write(self, frame: VideoFrame, ticks: int, *, opens_range: bool) -> None:  # noqa: ARG002
        if self._encoder is None:
            self._encoder = self._splice.encoding.encoder()
        frame.pts, frame.time_base = ticks, TICK
        any_frame: Any = frame  # its stub has no setter
        any_frame.pict_type = PictureType.NONE
        self._add_encoded(self._encoder.encode(frame))

    def _end_edge(self) -> None:
        """Have the encoder give what it holds; the next edge starts with a fresh one."""
        if self._encoder is not None:
            self._add_encoded(self._encoder.encode(None))
            self._encoder = None

    def _add_encoded(self, packets: Iterable[Packet[Any]]) -> None:
        for packet in packets:
            assert packet.pts is not None
            data = avc.to_lengths(bytes(packet))
            self._muxer.add([data], [packet.pts], starts=packet.is_keyframe)

    def _close(self, end_ticks: int) -> None:
        self._end_edge()
        self._muxer.finish(end_ticks)

    def _black(self) -> VideoFrame:
        width, height = self._splice.encoding.size_px
        frame = VideoFrame.from_ndarray(np.zeros((height, width, 3), np.uint8), format="bgr24")
        return frame.reformat(format=self._splice.encoding.pix_fmt)


class _Muxer:
    """Gives packets their times of decoding and their lengths.

    A picture is decoded when the one is shown that lies as many places before it as pictures are
    reordered at most. Times of decoding so follow from those of showing alone, whatever the source
    said, and rise across joins.
    """

    def __init__(self, output: OutputContainer, source: VideoStream, splice: Splice) -> None:
        self._output, self._delay = output, splice.reordered_frames
        self._stream: VideoStream = output.add_stream_from_template(source, opaque=True)
        self._stream.codec_context.extradata = splice.extradata
        self._stream.time_base = TICK
        self._step = round(CLOCK_HZ / splice.encoding.frame_rate)
        self._count = 0
        self._shown: list[int] = []
        self._waiting: list[Packet[Any]] = []

    def add(self, packets: list[bytes], ticks: list[int], *, starts: bool) -> None:
        """Take pictures in the order of decoding, and when each is shown.

        Args:
            packets: Pictures with lengths before their units.
            ticks: As many.
            starts: Whether all decoding can start from the first.
        """
        order = sorted(ticks)
        self._release(order[0])
        durations = {a: b - a for a, b in pairwise(order)}
        made = [
            self._packet(data, at, durations.get(at, 0))
            for data, at in zip(packets, ticks, strict=True)
        ]
        made[0].is_keyframe = starts
        last = ticks.index(order[-1])
        self._output.mux(made[:last])
        self._waiting = made[last:]  # the length of the last shown is known once the next comes

    def finish(self, end_ticks: int) -> None:
        """Write what waits; the last picture is shown until `end_ticks`."""
        self._release(end_ticks)

    def _release(self, next_ticks: int) -> None:
        if self._waiting:
            last = self._waiting[0]
            assert last.pts is not None
            last.duration = max(1, next_ticks - last.pts)
            self._output.mux(self._waiting)
            self._waiting = []

    def _packet(self, data: bytes, ticks: int, duration: int) -> Packet[Any]:
        packet: Packet[Any] = Packet(data)
        packet.stream, packet.time_base = self._stream, TICK
        packet.pts, packet.dts, packet.duration = ticks, self._decoded_at(ticks), duration
        return packet

    def _decoded_at(self, ticks: int) -> int:
        heappush(self._shown, ticks)
        self._count += 1
        early = self._delay + 1 - self._count
        return -early * self._step if early > 0 else heappop(self._shown)
