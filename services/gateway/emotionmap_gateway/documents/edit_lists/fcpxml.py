"""Writes a programme as Final Cut Pro XML 1.10.

Every time is a whole number of frames, written as seconds in a ratio ("1001/24000s"): Final Cut Pro
refuses times that lie between frames.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emotionmap_gateway.documents.edit_lists.clips import Clip, Programme
    from emotionmap_gateway.documents.edit_lists.frames import FrameClock

VERSION: Final = "1.10"
SOUND_SIZE_PX: Final = (1280, 720)
"""Size of a programme whose video has no pictures; a sequence must have one."""


def to_fcpxml(programme: Programme) -> Iterator[str]:
    """Yield the document: one asset, one sequence, one asset-clip with markers per clip."""
    clock, title = programme.clock, quoteattr(programme.title)
    length = _time(clock, programme.length)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n'
    yield f'<fcpxml version="{VERSION}">\n'
    yield from _resources(programme)
    yield '  <library>\n    <event name="EmotionMap">\n'
    yield f"      <project name={title}>\n"
    yield f'        <sequence format="r1" duration="{length}" tcStart="0s"{_tc_format(clock)}>\n'
    yield f"          <note>{escape(programme.notice)}</note>\n          <spine>\n"
    for clip in programme.clips:
        yield from _asset_clip(clip, programme)
    yield "          </spine>\n        </sequence>\n      </project>\n"
    yield "    </event>\n  </library>\n</fcpxml>\n"


def _resources(programme: Programme) -> Iterator[str]:
    media, clock = programme.media, programme.clock
    width, height = (media.width_px, media.height_px) if media.has_video else SOUND_SIZE_PX
    size = f'width="{width}" height="{height}"'
    yield "  <resources>\n"
    yield f'    <format id="r1" frameDuration="{_time(clock, 1)}" {size}/>\n'
    kinds = ' hasVideo="1" videoSources="1" format="r1"' if media.has_video else ""
    kinds += ' hasAudio="1" audioSources="1"' if media.has_audio else ""
    length = _time(clock, clock.total)
    name = quoteattr(programme.title)
    yield f'    <asset id="r2" name={name} start="0s" duration="{length}"{kinds}>\n'
    source = quoteattr(programme.media_url)
    yield f'      <media-rep kind="original-media" src={source}/>\n    </asset>\n'
    yield "  </resources>\n"


def _asset_clip(clip: Clip, programme: Programme) -> Iterator[str]:
    clock = programme.clock
    times = (
        f'offset="{_time(clock, clip.at)}" start="{_time(clock, clip.start)}" '
        f'duration="{_time(clock, clip.length)}"'
    )
    name = quoteattr(clip.name)
    yield f'            <asset-clip ref="r2" name={name} {times}{_tc_format(clock)}>\n'
    for mark in clip.marks:
        at, length = _time(clock, mark.start), _time(clock, 1)
        value = quoteattr(mark.text)
        yield f'              <marker start="{at}" duration="{length}" value={value}/>\n'
    yield "            </asset-clip>\n"


def _time(clock: FrameClock, frames: int) -> str:
    """Return so many frames as Final Cut Pro writes time."""
    length_s = clock.seconds(frames)
    if length_s.denominator == 1:
        return f"{length_s.numerator}s"
    return f"{length_s.numerator}/{length_s.denominator}s"


def _tc_format(clock: FrameClock) -> str:
    return f' tcFormat="{"DF" if clock.is_drop_frame else "NDF"}"'
