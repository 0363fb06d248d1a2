"""Opens a media file with FFmpeg and translates what FFmpeg says into our terms.

The only place that opens files with libav for reading, and the one table of its errors.
"""

from __future__ import annotations

from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import av.error

from emotionmap_media import formats, preflight, streams
from emotionmap_media.clock import TickClock
from emotionmap_media.excerpt import overlay_of
from emotionmap_media.failures import typed_errors
from emotionmap_media.growing import GrowingMedia
from emotionmap_media.overlaid import OverlaidReader, Overlay

if TYPE_CHECKING:
    import io
    from collections.abc import Generator, Iterator

    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream

    from emotionmap_media.budget import Budget
    from emotionmap_media.excerpt import Wanted
    from emotionmap_media.objects import Source
    from emotionmap_media.streams import Limits

MAX_STREAMS = 64
MAX_BAD_READS = 50
"""Unreadable stretches in a row before a file counts as ended."""
OPEN_TIMEOUT_S = 30.0
LOOK_S, LOOK_BYTES = 6, 6_000_000
"""FFmpeg looks at no more of a file than 5 s or 5 MB to find out what its streams are like."""


class Media:
    """An open file: the streams that count, and where its time zero lies.

    Attributes:
        video: First decodable stream of moving pictures; None without one.
        audio: First decodable stream of sound; None without one.
        sound_decoder: What decodes the sound.
        zero: Earliest timestamp of the two, seconds on FFmpeg's clock of this file.
        is_cut_off: Whether the file says itself that it is longer than it is.
        fragments: Where its fragments lie, by track, if it says so before the first.
        is_open_ended: Whether it is the beginning of a file, and nobody knows how long that is.
    """

    def __init__(
        self,
        source: Source,
        *,
        limits: Limits,
        findings: preflight.Findings,
        wanted: Wanted | None = None,
    ) -> None:
        self._source = source
        self._limits = limits
        self._findings = findings
        self._overlay = overlay_of(source, limits, findings, wanted)
        is_part = self._overlay is not None and not findings.fragments
        self._since = wanted.since if wanted is not None and is_part else Fraction(0)
        self.fragments = {index.track_id: index for index in findings.fragments}
        self._fresh = True
        self._open()
        self.is_cut_off = findings.is_cut_off
        self.is_open_ended = findings.is_open_ended
        if isinstance(source, GrowingMedia) and source.is_stump:
            self._check_stump(source)
        self._starts = self._find_starts()
        self.zero = min(self._starts.values())
        self._clocks = {
            stream.index: TickClock.of(streams.time_base(stream), self.zero)
            for stream in self._wanted
        }

    @property
    def is_seekable(self) -> bool:
        """Whether the container leads exactly to a time."""
        return not formats.SEEKABLE.isdisjoint(self.container.format.name.split(","))

    @property
    def guesses_first_times(self) -> bool:
        """Whether the times of the first pictures behind a seek are not to be trusted."""
        return self.container.format.name in formats.GUESSED_CLOCKS

    @property
    def has_decode_order_clock(self) -> bool:
        """Whether pictures carry no time but that of decoding."""
        return streams.has_decode_order_clock(self.container, self.video)

    @property
    def tolerance(self) -> Fraction:
        """By how much, seconds, the clock of the pictures may have rounded a time."""
        return streams.tolerance(self.video)

    @property
    def primary(self) -> Stream:
        """The stream that seeks go by."""
        stream = self.video if self.video is not None else self.audio
        assert stream is not None
        return stream

    def start(self, stream: Stream) -> Fraction:
        """Return when a stream starts, seconds from time zero."""
        return self._starts[stream.index] - self.zero

    def clock(self, stream: Stream) -> TickClock:
        """Return the clock of one of the two streams."""
        return self._clocks[stream.index]

    def time(self, ticks: int, stream: Stream) -> Fraction:
        """Return the time of a timestamp, seconds from time zero."""
        return self._clocks[stream.index].time(ticks)

    def packet_time(self, packet: Packet[Stream]) -> Fraction:
        """Return the time of a packet, seconds from time zero."""
        return self._clocks[packet.stream_index].time(packet_ticks(packet))

    def seek(self, time: Fraction) -> None:
        """Go to the last key frame at or before a time as well as the container can.

        A container that cannot goes to its beginning; so does any for a time of zero or less.
        """
        if self._since and time < self._since:
            self._read_whole_index()
        if time > 0 and self.is_seekable:
            ticks = int((time + self.zero) / streams.time_base(self.primary))
            try:
                self.container.seek(ticks, stream=self.primary)
            except (av.error.FFmpegError, OSError):
                self.rewind()
            else:
                self._fresh = False
                if self.sound_decoder is not None:
                    self.sound_decoder.flush_buffers()
        else:
            self.rewind()

    def rewind(self) -> None:
        """Go to the beginning."""
        if self._since:
            self._read_whole_index()
        elif not self._fresh:
            self.container.close()
            self._open()

    def packets(self, budget: Budget) -> Generator[Packet[Stream], None, bool]:
        """Yield the packets of both streams from here on; unreadable stretches are stepped over.

        Returns:
            Whether reading stopped at damage rather than at the end, as the generator's value.

        Raises:
            ServiceError: FAILED_PRECONDITION `MEDIA_INCOMPLETE`: the rest is still to come.
        """
        is_damaged = yield from self.packets_there(budget)
        if isinstance(self._source, GrowingMedia) and self._source.is_stump:
            raise self._source.fail()  # also what seems damaged may only be cut
        return is_damaged

    def packets_there(self, budget: Budget) -> Generator[Packet[Stream], None, bool]:
        """Yield packets as `packets` does, and no more where the rest is still to come."""
        self._fresh = False
        bad_reads = 0
        while bad_reads < MAX_BAD_READS:
            budget.check()
            try:
                for packet in self.container.demux(self._wanted):
                    budget.check()
                    if packet.dts is None and packet.size == 0:
                        continue  # PyAV marks the end so
                    bad_reads = 0
                    yield packet
            except (av.error.InvalidDataError, av.error.OSError):
                _check(self._source)
                bad_reads += 1
            except IndexError:
                return False  # PyAV at the end of a file in which streams appeared on the way
            else:
                _check(self._source)
                return bad_reads > 0
        return True

    def close(self) -> None:
        """Close the file."""
        self.container.close()

    def _read_whole_index(self) -> None:
        """Go to the beginning; from here on every packet can be reached."""
        self._overlay, self._since = None, Fraction(0)
        self.container.close()
        self._open()

    def _open(self) -> None:
        self.container = _open_container(self._source, self._limits, self._findings, self._overlay)
        self._fresh = True
        try:
            self.video, self.audio = streams.choose(self.container, self._limits)
            self.sound_decoder = streams.sound_decoder(self.audio) if self.audio else None
        except BaseException:
            self.container.close()
            raise

    def _check_stump(self, source: GrowingMedia) -> None:
        """Return if what FFmpeg found out about the streams is what it finds in the whole file.

        Raises:
            ServiceError: FAILED_PRECONDITION `MEDIA_INCOMPLETE`: it may have met the end.
        """
        if not self._findings.is_unchecked:
            is_enough = all(streams.indexed_time(one) >= LOOK_S for one in self._wanted)
        elif source.size_bytes > LOOK_BYTES:
            is_enough = True
        else:
            is_enough = streams.lasts(self.container, self._wanted, LOOK_S)
            self._fresh = False
        if not is_enough:
            self.close()
            raise source.fail()
        self.rewind()

    @property
    def _wanted(self) -> list[Stream]:
        return [stream for stream in (self.video, self.audio) if stream is not None]

    def _find_starts(self) -> dict[int, Fraction]:
        """Return when each stream starts, by its number, seconds on FFmpeg's clock."""
        named = {stream.index: streams.start_time(stream) for stream in self._wanted}
        peeked: dict[int, Fraction] = {}
        if None in named.values():
            peeked = streams.first_times(self.container, self._wanted)
            self._fresh = False
            self.rewind()
        return {
            index: start if start is not None else peeked.get(index, Fraction(0))
            for index, start in named.items()
        }


def packet_ticks(packet: Packet[Stream]) -> int:
    """Return the timestamp of a packet: when it is shown, or decoded where that is not said."""
    ticks = packet.pts if packet.pts is not None else packet.dts
    return ticks or 0


@contextmanager
def open_media(source: Source, *, limits: Limits, wanted: Wanted | None = None) -> Iterator[Media]:
    """Open a file until the block ends.

    Args:
        source: Absolute path of a regular file, or an object.
        limits: What is read at most.
        wanted: What will be read of it: of a long file less is opened. None is all.

    Raises:
        ServiceError: As in the comment of MediaService; also for errors of FFmpeg in the block.
    """
    with _told_of_store(source), typed_errors():
        findings = preflight.inspect(source)
        try:
            media = Media(source, limits=limits, findings=findings, wanted=wanted)
        except (av.error.FFmpegError, OSError) as error:
            if isinstance(source, GrowingMedia) and findings.is_unchecked:
                raise source.fail() from error  # what is there may end within a header
            raise
        try:
            yield media
        finally:
            media.close()


@contextmanager
def _told_of_store(source: Source) -> Iterator[None]:
    """Raise why a store could not be read, in place of what FFmpeg makes of it, or of nothing.

    Raises:
        ServiceError: As `StoredMedia.check`.
    """
    try:
        yield
    except Exception:
        _check(source)
        raise
    _check(source)


def _check(source: Source) -> None:
    """Return unless FFmpeg took bytes that could not be read for the end of the file."""
    if not isinstance(source, Path):
        source.check()


def _open_container(
    source: Source, limits: Limits, findings: preflight.Findings, overlay: Overlay | None
) -> InputContainer:
    allowed = (formats.MP4,) if findings.is_mp4 else formats.CONTAINERS
    codecs = [*formats.VIDEO_CODECS, *formats.AUDIO_CODECS]
    codecs += [name for name in av.codecs_available if formats.is_audio_codec(name)]
    if overlay is not None:
        file: str | io.RawIOBase = OverlaidReader(source, overlay)
    else:
        file = str(source) if isinstance(source, Path) else source.open()
    return av.open(
        file,
        mode="r",
        metadata_errors="replace",
        timeout=OPEN_TIMEOUT_S,
        options={
            "format_whitelist": ",".join(allowed),
            "protocol_whitelist": "file",
            "codec_whitelist": ",".join(codecs),
            "max_streams": str(MAX_STREAMS),
            "max_pixels": str(limits.max_pixels),
        },
    )
