"""Reads a stretch of a file in one pass: seeks before it, decodes, ends behind it.

Gives decoded pictures and sound with exact times. Which of them are wanted, and in which shape, is
decided elsewhere (sampling.py, sound.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import av.error

from emotionmap_media.landing import MAX_SKEW_S, REACH_BACK_S, SOUND_LEAD_S, Landing
from emotionmap_media.streams import time_base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.audio.frame import AudioFrame
    from av.packet import Packet
    from av.stream import Stream
    from av.video.frame import VideoFrame

    from emotionmap_media.budget import Budget
    from emotionmap_media.container import Media
    from emotionmap_media.landing import Span

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

    Attributes:
        is_at_end: Whether the pass met the end of the file.
        is_damaged: Whether that end was one of damage.
        end: Latest end of anything that was met, seconds from time zero.
    """

    def __init__(
        self, media: Media, *, pictures: Span | None, sound: Span | None, budget: Budget
    ) -> None:
        self._media = media
        self._pictures = pictures if media.video is not None else None
        self._sound = sound if media.audio is not None else None
        self._budget = budget
        self._landing = Landing(media, pictures=self._pictures, sound=self._sound, budget=budget)
        self.is_at_end = self.is_damaged = False
        self.end = Fraction(0)
        self._pictures_end = Fraction(0)
        self._next_picture = Fraction(0)
        self._has_pictures = self._pictures is None
        self._has_sound = self._sound is None

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
        skip_pictures = key is not None
        packets = media.packets(self._budget)
        while True:
            try:
                packet = next(packets)
            except StopIteration as stop:
                self.is_at_end, self.is_damaged = True, bool(stop.value)
                yield from self._flush()
                return
            at = self._note(packet)
            if packet.stream is media.video:
                if skip_pictures:
                    skip_pictures = not (packet.is_keyframe and at == key)
                if not skip_pictures and not self._has_pictures:
                    yield from self._decode_pictures(packet, key)
            elif not self._has_sound:
                yield from self._decode_sound(packet, at)
            if self._is_over(at):
                return

    def _note(self, packet: Packet[Stream]) -> Fraction:
        """Keep the latest ends; return the packet's time."""
        at = self._media.packet_time(packet)
        end = at + (packet.duration or 0) * time_base(packet.stream)
        self.end = max(self.end, end)
        if packet.stream is self._media.video:
            if not packet.duration:
                end += self._picture_seconds()
                self.end = max(self.end, end)
            self._pictures_end = max(self._pictures_end, end)
        return at

    def _picture_seconds(self) -> Fraction:
        video = self._media.video
        rate = (video.average_rate or video.guessed_rate) if video is not None else None
        return 1 / rate if rate else Fraction(1, 25)

    def _is_over(self, at: Fraction) -> bool:
        if self._has_pictures and self._has_sound:
            return True
        ends = [span.end for span in (self._pictures, self._sound) if span is not None]
        one_is_missing = self._has_pictures or self._has_sound
        return bool(ends) and one_is_missing and at > max(ends) + MAX_SKEW_S

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
        uses_dts = frame.pts is None or self._media.has_decode_order_clock
        ticks = frame.dts if uses_dts else frame.pts
        if ticks is None:  # a raw stream has no clock but its frame rate
            time = self._next_picture
        else:
            time = ticks * (frame.time_base or time_base(video)) - self._media.zero
        self._next_picture = time + self._picture_seconds()
        return time

    def _decode_sound(self, packet: Packet[Stream], at: Fraction) -> Iterator[Event]:
        span, audio = self._sound, self._media.audio
        assert span is not None
        assert audio is not None
        if at < span.start - SOUND_LEAD_S - 1:
            return
        if at >= span.end + SOUND_TAIL:
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
                time = frame.pts * (frame.time_base or time_base(audio)) - self._media.zero
                yield Sound(time, frame)

    def _flush(self) -> Iterator[Event]:
        if self._pictures is not None and not self._has_pictures:
            yield from self._decode_pictures(None, None)
            yield PicturesEnd(self._pictures_end)
        if self._sound is not None and not self._has_sound:
            yield from self._sounds(None)
