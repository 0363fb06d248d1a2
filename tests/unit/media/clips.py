"""Makes small media files whose every picture and second of sound can be told apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

SOUND_RATE_HZ = 48_000
BURST_S = 0.05


@dataclass(frozen=True, slots=True)
class Clip:
    """What a synthesised file holds; a codec of None leaves a stream out."""

    video_codec: str | None = "libx264"
    audio_codec: str | None = "aac"
    seconds: float = 3.0
    audio_seconds: float | None = None
    fps: Fraction = Fraction(30)
    size_px: tuple[int, int] = (96, 64)
    pix_fmt: str = "yuv420p"
    gop: int = 15
    b_frames: int = 2
    video_times: tuple[Fraction, ...] = ()
    video_start: Fraction = Fraction(0)
    audio_start: Fraction = Fraction(0)
    audio_rate_hz: int = SOUND_RATE_HZ
    rotation_degrees: int = 0
    pixel_aspect: Fraction = Fraction(1)
    full_range: bool = False
    options: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)


def luma(index: int) -> int:
    """Return the luma of picture number `index`, as stored; those near it differ by far."""
    return 20 + (index * 37) % 200


def full_luma(index: int) -> int:
    """Return the luma of picture number `index`, expanded to full range."""
    return round((luma(index) - 16) * 255 / 219)


def picture(clip: Clip, index: int) -> VideoFrame:
    """Return picture number `index`: one even luma, its top left quarter brighter by 12."""
    width, height = clip.size_px
    plane = np.full((height, width), luma(index), np.uint8)
    plane[: height // 2, : width // 2] += 12
    if clip.pix_fmt == "rgb24" or "rgb" in clip.pix_fmt or clip.pix_fmt == "pal8":
        frame = VideoFrame.from_ndarray(np.repeat(plane[:, :, None], 3, axis=2), format="rgb24")
        return frame if clip.pix_fmt == "rgb24" else frame.reformat(format=clip.pix_fmt)
    frame = VideoFrame(width, height, "yuv420p")
    for target, values in zip(frame.planes, (plane, None, None), strict=True):
        rows = np.full((target.height, target.line_size), 128, np.uint8)
        if values is not None:
            rows[:, :width] = values
        target.update(rows.tobytes())
    if clip.full_range:
        frame.color_range = 2
    return frame if clip.pix_fmt == "yuv420p" else frame.reformat(format=clip.pix_fmt)


def sound(start_s: float, seconds: float, rate_hz: int) -> np.ndarray:
    """Return int16 [T]: a quiet tone, and a loud burst in the first 50 ms of every second."""
    times = start_s + np.arange(round(seconds * rate_hz)) / rate_hz
    loudness = np.where(times % 1.0 < BURST_S, 16000, 800)
    return (loudness * np.sin(2 * np.pi * 440 * times)).astype(np.int16)


def make(path, clip: Clip = Clip(), *, container: str | None = None):
    """Write a clip; return its path."""
    options = dict(clip.options)
    with av.open(str(path), "w", format=container, options=options) as output:
        output.metadata.update(clip.metadata)
        video = _video(output, clip) if clip.video_codec else None
        audio = _audio(output, clip) if clip.audio_codec else None
        jobs = []
        if video is not None:
            jobs += [(time, video, frame) for time, frame in _pictures(clip)]
        if audio is not None:
            jobs += [(time, audio, frame) for time, frame in _sounds(clip)]
        for _, stream, frame in sorted(jobs, key=lambda job: job[0]):
            output.mux(stream.encode(frame))
        for stream in (video, audio):
            if stream is not None:
                output.mux(stream.encode(None))
    return path


def _video(output, clip):
    stream = output.add_stream(clip.video_codec, rate=clip.fps)
    stream.width, stream.height = clip.size_px
    stream.pix_fmt = clip.pix_fmt
    stream.gop_size = clip.gop
    if clip.video_times:
        stream.codec_context.time_base = Fraction(1, 90_000)
    if clip.video_codec == "libx264":
        options = {"bf": str(clip.b_frames), "crf": "10", "preset": "veryfast"}
        stream.codec_context.options = options | {"sc_threshold": "0"}
    elif clip.b_frames and clip.video_codec in ("mpeg1video", "mpeg2video", "mpeg4"):
        stream.codec_context.max_b_frames = clip.b_frames
        stream.codec_context.options = {"sc_threshold": "1000000000"}
    if clip.pixel_aspect != 1:
        stream.codec_context.sample_aspect_ratio = clip.pixel_aspect
    if clip.full_range:
        stream.codec_context.color_range = 2
    if clip.rotation_degrees:
        stream.set_display_rotation(clip.rotation_degrees)
    return stream


def _audio(output, clip):
    stream = output.add_stream(clip.audio_codec, rate=clip.audio_rate_hz, layout="mono")
    if clip.audio_codec == "aac":
        # Noise substitution makes decoders roll dice, and no two decodings equal.
        stream.codec_context.options = {"aac_pns": "0"}
    return stream


def _pictures(clip):
    count = round(clip.seconds * clip.fps)
    times = clip.video_times or tuple(Fraction(i) / clip.fps for i in range(count))
    for index, time in enumerate(times):
        frame = picture(clip, index)
        base = Fraction(1, 90_000) if clip.video_times else 1 / clip.fps
        frame.pts, frame.time_base = round((time + clip.video_start) / base), base
        yield time + clip.video_start, frame


def _sounds(clip):
    rate, piece = clip.audio_rate_hz, 1024
    seconds = clip.audio_seconds if clip.audio_seconds is not None else clip.seconds
    values = sound(0, seconds, rate)
    first = round(clip.audio_start * rate)
    for at in range(0, len(values), piece):
        frame = AudioFrame.from_ndarray(values[None, at : at + piece], "s16", "mono")
        frame.sample_rate = rate
        frame.pts, frame.time_base = first + at, Fraction(1, rate)
        yield Fraction(first + at, rate), frame
