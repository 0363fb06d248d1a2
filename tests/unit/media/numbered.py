"""Clips whose every picture shows its number, with a flash and a click at every whole second."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

SOUND_RATE_HZ = 48_000
BITS = 12
DARK, BRIGHT = 60, 190
CLICK_SAMPLES = 240
FLASH_LUMA = 230


@dataclass(frozen=True, slots=True)
class Numbered:
    """What a clip is like."""

    seconds: int = 6
    fps: Fraction = Fraction(30)
    size_px: tuple[int, int] = (192, 96)
    gop: int = 30
    b_frames: int = 2
    pix_fmt: str = "yuv420p"
    codec: str = "libx264"
    x264: str = ""
    times: tuple[Fraction, ...] = ()
    rotation_degrees: int = 0
    pixel_aspect: Fraction | None = None
    has_sound: bool = True
    options: dict[str, str] = field(default_factory=dict)

    def time(self, index: int) -> Fraction:
        """When picture number `index` is shown."""
        return self.times[index] if self.times else index / self.fps

    @property
    def count(self) -> int:
        return len(self.times) or int(self.seconds * self.fps)

    def shown(self, start, end) -> list[int]:
        """Numbers of the pictures on screen in a range."""
        numbers = [i for i in range(self.count) if start <= self.time(i) < end]
        before = [i for i in range(self.count) if self.time(i) <= start]
        return sorted({*numbers, *before[-1:]})


def _luma(clip: Numbered, index: int) -> np.ndarray:
    """Number in bars along the top, moving texture in the middle, the flash at the bottom."""
    width, height = clip.size_px
    rows, columns = np.mgrid[0:height, 0:width]
    plane = 110 + 40 * np.sin((columns + 3 * index) / 9) * np.cos((rows - index) / 7)
    bar = width // BITS
    for bit in range(BITS):
        value = BRIGHT if index >> bit & 1 else DARK
        plane[: height // 3, bit * bar : (bit + 1) * bar] = value
    flashes = clip.time(index) % 1 < Fraction(1, 10)
    plane[-height // 3 :] = FLASH_LUMA if flashes else 30
    return plane.astype(np.uint8)


def picture(clip: Numbered, index: int) -> VideoFrame:
    width, height = clip.size_px
    frame = VideoFrame(width, height, "yuv420p")
    for plane, values in zip(frame.planes, (_luma(clip, index), None, None), strict=True):
        rows = np.full((plane.height, plane.line_size), 128, np.uint8)
        if values is not None:
            rows[:, :width] = values
        plane.update(rows.tobytes())
    return frame if clip.pix_fmt == "yuv420p" else frame.reformat(format=clip.pix_fmt)


def number(frame: VideoFrame) -> int:
    """Read a picture's number."""
    plane = frame.reformat(format="gray").to_ndarray()
    height, bar = plane.shape[0], plane.shape[1] // BITS
    middles = plane[height // 9 : height // 4, bar // 2 :: bar][:, :BITS].mean(axis=0)
    return sum(1 << bit for bit, value in enumerate(middles) if value > (DARK + BRIGHT) / 2)


def is_flash(frame: VideoFrame) -> bool:
    plane = frame.reformat(format="gray").to_ndarray()
    return plane[-plane.shape[0] // 6 :].mean() > 130


def clicks(seconds: float) -> np.ndarray:
    """Return int16 [T]: a steady tone with a loud click at every whole second."""
    times = np.arange(round(seconds * SOUND_RATE_HZ))
    tone = 1500 * np.sin(2 * np.pi * 220 * times / SOUND_RATE_HZ)
    is_click = times % SOUND_RATE_HZ < CLICK_SAMPLES
    return np.where(
        is_click, 20000 * np.sin(2 * np.pi * 3000 * times / SOUND_RATE_HZ), tone
    ).astype(np.int16)


def write(path, clip: Numbered = Numbered(), *, container_options=None):
    """Write a clip; return its path."""
    with av.open(str(path), "w", options=container_options or {}) as output:
        video = _video(output, clip)
        audio = None
        if clip.has_sound:
            audio = output.add_stream("aac", rate=SOUND_RATE_HZ, layout="mono")
            audio.codec_context.options = {"aac_pns": "0"}
        jobs = [(clip.time(i), i) for i in range(clip.count)]
        samples = clicks(clip.seconds) if audio is not None else np.zeros(0, np.int16)
        at = 0
        for time, index in jobs:
            frame = picture(clip, index)
            frame.pts, frame.time_base = (
                round(time / video.codec_context.time_base),
                (video.codec_context.time_base),
            )
            output.mux(video.encode(frame))
            while at < len(samples) and Fraction(at, SOUND_RATE_HZ) <= time:
                output.mux(audio.encode(_sound(samples[at : at + 1024], at)))
                at += 1024
        output.mux(video.encode(None))
        for rest in range(at, len(samples), 1024):
            output.mux(audio.encode(_sound(samples[rest : rest + 1024], rest)))
        if audio is not None:
            output.mux(audio.encode(None))
    return path


def _video(output, clip):
    stream = output.add_stream(clip.codec, rate=clip.fps)
    stream.width, stream.height = clip.size_px
    stream.pix_fmt = clip.pix_fmt
    stream.gop_size = clip.gop
    base = Fraction(1, 90_000) if clip.times else 1 / clip.fps
    stream.codec_context.time_base = base
    if clip.codec == "libx264":
        options = {"preset": "veryfast", "crf": "16", "bf": str(clip.b_frames)}
        options |= {"sc_threshold": "0"} | clip.options
        if clip.x264:
            options["x264-params"] = clip.x264
        stream.codec_context.options = options
    elif clip.codec == "mpeg4":
        stream.codec_context.max_b_frames = clip.b_frames
    if clip.pixel_aspect is not None:
        stream.codec_context.sample_aspect_ratio = clip.pixel_aspect
    if clip.rotation_degrees:
        stream.set_display_rotation(clip.rotation_degrees)
    return stream


def _sound(samples, at):
    frame = AudioFrame.from_ndarray(samples[None], "s16", "mono")
    frame.sample_rate = SOUND_RATE_HZ
    frame.pts, frame.time_base = at, Fraction(1, SOUND_RATE_HZ)
    return frame
