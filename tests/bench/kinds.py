"""Clips of other kinds: 4K, 60 pictures a second, HEVC, VP9, AV1; and one of few bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.clip import Format, write_clip
from tests.bench.multiply import repeat

if TYPE_CHECKING:
    from pathlib import Path

BASE_S = 8.0
"""As long as 375 packets of AAC at 48 kHz: it is joined to itself without a gap."""

SLIM = Format(
    bit_rate=270_000,
    sound_bit_rate=64_000,
    # Key frames at even times, so that it can be cut at any of them.
    options={"preset": "veryfast", "sc_threshold": "0"},
)
"""720p in so few bits that three hours stay below 500 MB."""
SLIM_S = 40.0
"""Four of the clip's cycles, and 1,875 packets of AAC."""

_FULL_HD = {"width_px": 1920, "height_px": 1080}
_QUICK = {"preset": "ultrafast"}

KINDS = {
    "H.264 1080p30": Format(**_FULL_HD, bit_rate=5_000_000, options=_QUICK),
    "H.264 2160p30": Format(width_px=3840, height_px=2160, bit_rate=16_000_000, options=_QUICK),
    "H.264 1080p60": Format(**_FULL_HD, fps=60, bit_rate=8_000_000, options=_QUICK),
    "HEVC 1080p30": Format(
        "libx265",
        **_FULL_HD,
        bit_rate=4_000_000,
        options=_QUICK | {"x265-params": "log-level=error:open-gop=0"},
    ),
    "VP9 1080p30": Format(
        "libvpx-vp9",
        **_FULL_HD,
        bit_rate=4_000_000,
        options={"deadline": "realtime", "cpu-used": "8", "row-mt": "1"},
        sound_codec="libopus",
        suffix=".webm",
    ),
    "AV1 1080p30": Format("libsvtav1", **_FULL_HD, bit_rate=3_000_000, options={"preset": "12"}),
}
"""By name; the first is there to compare the others with."""


def write_kind(name: str, folder: Path, seconds: float) -> Path:
    """Write a clip of a kind, of so many seconds or a group more; a short one is kept for later."""
    form = KINDS[name]
    short = folder / f"kind-{name.replace(' ', '-').replace('.', '').lower()}{form.suffix}"
    if not short.exists():
        write_clip(short, BASE_S, form)
    return repeat(short, short.with_stem(f"{short.stem}-{seconds:g}s"), seconds)


def write_slim(folder: Path, seconds: float) -> Path:
    """Write a 720p clip of few bits; a short one is kept for later."""
    short = folder / "slim.mp4"
    if not short.exists():
        write_clip(short, SLIM_S, SLIM)
    return repeat(short, folder / f"slim-{seconds:g}s.mp4", seconds)
