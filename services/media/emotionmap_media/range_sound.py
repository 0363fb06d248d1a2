"""Reads the sound of a range on the sample clock of an output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emotionmap_media.reading import Reading, Sound
from emotionmap_media.sound import SoundClock, SoundSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emotionmap_media.budget import Budget
    from emotionmap_media.clock import Span
    from emotionmap_media.container import Media
    from emotionmap_media.montage import Shape
    from emotionmap_media.sound import Chunk


def sound_clock(media: Media, shape: Shape, span: Span) -> SoundClock | None:
    """Return the clock that a range's sound is put on; None if there is no sound."""
    if media.audio is None or not shape.sound_rate_hz:
        return None
    return SoundClock(
        span,
        SoundSource.of(media, media.audio),
        rate_hz=shape.sound_rate_hz,
        channels=shape.channels,
        chunk_samples=shape.sound_rate_hz // 2,
    )


def range_sound(media: Media, shape: Shape, span: Span, budget: Budget) -> Iterator[Chunk]:
    """Yield the sound of a range; nothing if there is none."""
    clock = sound_clock(media, shape, span)
    if clock is None:
        return
    for event in Reading(media, pictures=None, sound=span, budget=budget).events():
        if isinstance(event, Sound):
            yield from clock.add(event)
    yield from clock.finish()
