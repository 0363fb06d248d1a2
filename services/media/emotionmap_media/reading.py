"""Reads a stretch of a file in one pass: seeks before it, decodes, ends behind it.

Gives decoded pictures and sound with exact times. Which of them are wanted, and in which shape, is
decided elsewhere (sampling.py, sound.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import av.error

from emotionmap_media.container import packet_ticks
from emotionmap_media.landing import MAX_SKEW_S, REACH_BACK_S, SOUND_LEAD_S, Landing
from emotionmap_media.skipping import Skipping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.audio.frame import AudioFrame
    from av.packet import Packet
    from av.stream import Stream
    from av.video.frame import VideoFrame

    from emotionmap_media.budget import Budget
    from emotionmap_media.clock import Span
    from emotionmap_media.container import Media
    from emotionmap_media.sampling import Grid

SOUND_TAIL = Fraction(1, 10)
"""And to this much behind, seconds: the resampler holds some back."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture and when it comes on screen."""

    time: Fraction
    frame: VideoFrame


@dataclass(frozen=True, slots=True)
class PicturesEnd:
    """The stream of pictures is over; the last is on screen until `time`."""

    time: Fraction


@dataclass(frozen=True, slots=True)
class Sound:
    """Decoded sound and when its first sample is heard."""

    time: Fraction
    frame: AudioFrame


Event: TypeAlias = Picture | PicturesEnd | Sound


class Reading:
    """One pass over a stretch of a file.

    Args:
        media: The open file.
        pictures: Pictures on screen in this span are wanted; None leaves them out.
        sound: Sound in this span is wanted; None leaves it out.
        budget: What bounds the work.
        grid: Sample times, if only pictures that are on screen at one of them are wanted.

    Attributes:
        is_at_end: Whether the pass met the end of the file.
        is_damaged: Whether that end was one of damage.
    """

    def __init__(
        self,
        media: Media,
        *,
        pictures: Span | None,
        sound: Span | None,
        budget: Budget,
        grid: Grid | None = None,
    ) -> None:
        self._media = media
        self._pictures = pictures if media.video is not None else None
        self._sound = sound if media.audio is not None else None
        self._budget = budget
        self._grid = grid
        self._landing = Landing(media, pictures=self._pictures, sound=self._sound, budget=budget)
        self.is_at_end = self.is_damaged = False
        self._ends: dict[int, int] = {}
        self._untimed_end = Fraction(0)
        self._last_time: Fraction | None = None
        self._has_pictures = self._pictures is None
        self._has_sound = self._sound is None

    @property
    def end(self) -> Fraction:
        """Latest end of anything that was met, seconds from time zero."""
        ends = [self._end_of(stream) for stream in (self._media.video, self._media.audio)]
        return max(Fraction(0), *ends)

    def events(self) -> Iterator[Event]:
        """Yield pictures in time order from the one on screen at the start, and sound.

        Earlier pictures and sound may come first, and one picture behind the end comes last, so
        that it is known how long the one before was on screen.
        """
        for reach_back_s in (*REACH_BACK_S, None):
            key = self._landing.find_key_frame(reach_back_s)
            first = True
            for event in self._pass(key):
                if first and isinstance(event, Picture):
                    # Decoders may hold pictures back behind a key frame that is not quite one.
                    if self._is_late(event) and reach_back_s is not None and key is not None:
                        break
                    first = False
                yield event
            else:
                return
            self._has_sound = self._sound is None

    def _is_late(self, picture: Picture) -> bool:
        assert self._pictures is not None
        return picture.time > self._pictures.start + self._media.tolerance

    def _pass(self, key: Fraction | None) -> Iterator[Event]:
        media = self._media
        self._start()
        skip_pictures = key is not None
        packets = media.packets(self._budget)
        while True:
            try:
                packet = next(packets)
            except StopIteration as stop:
                self.is_at_end, self.is_damaged = True, bool(stop.value)
                yield from self._flush(key)
                return
            ticks = self._note(packet)
            if packet.stream_index == self._video_index:
                if skip_pictures:
                    skip_pictures = not (packet.is_keyframe and media.packet_time(packet) == key)
                if not skip_pictures and not self._has_pictures:
                    yield from self._needed_pictures(packet, key)
            elif not self._has_sound:
                yield from self._decode_sound(packet, ticks)
            if self._is_over(packet.stream_index, ticks):
                return

    def _start(self) -> None:
        """Put the borders of what is wanted into the ticks of both streams."""
        media = self._media
        self._video_index = media.video.index if media.video is not None else None
        self._has_decode_order_clock = media.has_decode_order_clock
        self._skipping = Skipping.of(media, self._grid)
        ends = [span.end for span in (self._pictures, self._sound) if span is not None]
        latest = max(ends, default=Fraction(0)) + MAX_SKEW_S
        self._given_up = {
            stream.index: media.clock(stream).first_at(latest)
            for stream in (media.video, media.audio)
            if stream is not None
        }
        if self._sound is not None and media.audio is not None:
            clock = media.clock(media.audio)
            self._sound_from = clock.first_at(self._sound.start - SOUND_LEAD_S - 1)
            self._sound_until = clock.first_at(self._sound.end + SOUND_TAIL)

    def _note(self, packet: Packet[Stream]) -> int:
        """Keep the latest ends; return the packet's time, ticks."""
        index, ticks = packet.stream_index, packet_ticks(packet)
        end = ticks + (packet.duration or 0)
        if end > self._ends.get(index, end - 1):
            self._ends[index] = end
        if index == self._video_index and not packet.duration:
            end_s = self._media.packet_time(packet) + self._picture_seconds()
            self._untimed_end = max(self._untimed_end, end_s)
        return ticks

    def _end_of(self, stream: Stream | None) -> Fraction:
        """Return the latest end of what was met of a stream, seconds; 0 if nothing was."""
        if stream is None or stream.index not in self._ends:
            return Fraction(0)
        end = max(Fraction(0), self._media.time(self._ends[stream.index], stream))
        return max(end, self._untimed_end) if stream is self._media.video else end

    def _picture_seconds(self) -> Fraction:
        video = self._media.video
        rate = (video.average_rate or video.guessed_rate) if video is not None else None
        return 1 / rate if rate else Fraction(1, 25)

    def _is_over(self, index: int, ticks: int) -> bool:
        if self._has_pictures and self._has_sound:
            return True
        one_is_missing = self._has_pictures or self._has_sound
        return one_is_missing and ticks > self._given_up[index]

    def _needed_pictures(self, packet: Packet[Stream], key: Fraction | None) -> Iterator[Event]:
        if self._skipping is None:
            yield from self._decode_pictures(packet, key)
            return
        for needed in self._skipping.take(packet):
            yield from self._decode_pictures(needed, key)

    def _decode_pictures(
        self, packet: Packet[Stream] | None, key: Fraction | None
    ) -> Iterator[Event]:
        """Yield the pictures that a packet completes; None flushes the decoder."""
        video, span = self._media.video, self._pictures
        assert video is not None
        assert span is not None
        try:
            frames = video.codec_context.decode(packet)
        except (av.error.FFmpegError, ValueError):
            return  # a damaged picture; the one before stays on screen
        for frame in frames:
            time = self._frame_time(frame)
            if key is not None and time < key:
                continue  # shown before the key frame, so built on pictures that were not read
            yield Picture(time, frame)
            if time >= span.end:
                self._has_pictures = True
                return

    def _frame_time(self, frame: VideoFrame) -> Fraction:
        video = self._media.video
        assert video is not None
        ticks = frame.dts if frame.pts is None or self._has_decode_order_clock else frame.pts
        if ticks is not None:
            time = self._media.time(ticks, video)
        elif self._last_time is None:
            time = Fraction(0)
        else:  # a raw stream has no clock but its frame rate
            time = self._last_time + self._picture_seconds()
        self._last_time = time
        return time

    def _decode_sound(self, packet: Packet[Stream], ticks: int) -> Iterator[Event]:
        if ticks < self._sound_from:
            return
        if ticks >= self._sound_until:
            self._has_sound = True
            return
        yield from self._sounds(packet)

    def _sounds(self, packet: Packet[Stream] | None) -> Iterator[Event]:
        audio, decoder = self._media.audio, self._media.sound_decoder
        assert audio is not None
        assert decoder is not None
        try:
            frames = decoder.decode(packet)
        except (av.error.FFmpegError, ValueError):
            return  # damaged sound; the gap is filled with silence
        for frame in frames:
            if frame.pts is not None and frame.samples:
                yield Sound(self._media.time(frame.pts, audio), frame)

    def _flush(self, key: Fraction | None) -> Iterator[Event]:
        if self._pictures is not None and not self._has_pictures:
            for packet in self._skipping.rest() if self._skipping is not None else ():
                yield from self._decode_pictures(packet, key)
            yield from self._decode_pictures(None, None)
            yield PicturesEnd(self._end_of(self._media.video))
        if self._sound is not None and not self._has_sound:
            yield from self._sounds(None)
