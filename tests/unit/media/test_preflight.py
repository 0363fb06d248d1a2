"""Files that claim more than they hold never reach libav."""

from __future__ import annotations

import struct
import time

import pytest
from emotionmap_media import preflight
from emotionmap_runtime.errors import ServiceError

from tests.unit.media.clips import Clip, make

HUGE = 200_000_000


def box(kind, *parts):
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def full(kind, *numbers, tail=b""):
    return box(kind, struct.pack(f">{len(numbers) + 1}I", 0, *numbers), tail)


FTYP = box(b"ftyp", b"isom\0\0\2\0isomiso2")


def movie(*tables, handler=b"vide"):
    stbl = box(b"stbl", *tables)
    media = box(b"mdia", full(b"hdlr", 0, tail=handler), box(b"minf", stbl))
    return FTYP + box(b"moov", box(b"trak", media))


def nested(depth):
    inner = box(b"stbl")
    for _ in range(depth):
        inner = box(b"trak", inner)
    return FTYP + box(b"moov", inner)


BOMBS = {
    "constant sizes": movie(full(b"stsz", 1, HUGE)),
    "listed sizes": movie(full(b"stsz", 0, HUGE)),
    "packed sizes": movie(full(b"stz2", 4, HUGE)),
    "time runs": movie(full(b"stts", 1, HUGE, 1)),
    "offset runs": movie(full(b"ctts", 1, HUGE, 1)),
    "time table": movie(full(b"stts", HUGE)),
    "chunk table": movie(full(b"stco", HUGE)),
    "fat chunks": movie(
        full(b"stts", 1, 100, 1),
        full(b"stsz", 1, 100),
        full(b"stsc", 1, 1, HUGE, 1),
        full(b"stco", 4, 0, 0, 0, 0),
        handler=b"soun",
    ),
    "fragment": FTYP + box(b"moof", box(b"traf", full(b"trun", HUGE))),
    "edits": movie() + box(b"moov", box(b"trak", box(b"edts", full(b"elst", 20_000)))),
    "tracks": FTYP + box(b"moov", *[box(b"trak")] * 33),
    "nesting": nested(50),
    "child larger than parent": FTYP + box(b"moov", struct.pack(">I4s", 4096, b"trak")),
    "size below header": FTYP + box(b"moov", struct.pack(">I4s", 7, b"trak")),
    "64-bit size lie": FTYP + struct.pack(">I4sQ", 1, b"moov", 2**60),
    "64-bit size too small": FTYP + struct.pack(">I4sQ", 1, b"mdat", 3),
    "compressed index": FTYP + box(b"moov", box(b"cmov", b"x" * 64)),
    "truncated index": FTYP + struct.pack(">I4s", 100_000, b"moov"),
    "metadata keys": FTYP + box(b"moov", box(b"meta", full(b"keys", HUGE))),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_at_once(tmp_path, name):
    path = tmp_path / "bomb.mp4"
    path.write_bytes(BOMBS[name] + box(b"free", b"\0" * 1000))
    start_s = time.monotonic()
    with pytest.raises(ServiceError) as caught:
        preflight.inspect(path)
    assert caught.value.reason == "MEDIA_UNREADABLE"
    assert time.monotonic() - start_s < 0.5


@pytest.mark.parametrize(
    ("name", "clip"),
    [
        ("plain.mp4", Clip(seconds=1)),
        ("faststart.mp4", Clip(seconds=1, options={"movflags": "faststart"})),
        ("fragments.mp4", Clip(seconds=1, options={"movflags": "frag_keyframe+empty_moov"})),
        ("dash.mp4", Clip(seconds=1, options={"movflags": "dash+delay_moov"})),
        ("pcm.mov", Clip(seconds=1, audio_codec="pcm_s16le")),
        ("pcm8.mov", Clip(seconds=1, audio_codec="pcm_u8")),
        ("tagged.mp4", Clip(seconds=1, metadata={"title": "keys", "comment": "monkeys and keys"})),
    ],
)
def test_sound_mp4_files_pass(tmp_path, name, clip):
    findings = preflight.inspect(make(tmp_path / name, clip))
    assert (findings.is_mp4, findings.is_cut_off) == (True, False)


@pytest.mark.parametrize("name", ["a.mkv", "a.webm", "a.avi", "a.wav"])
def test_other_containers_pass_and_tell_whether_they_are_whole(tmp_path, name):
    codecs = {"a.mkv": ("libx264", "aac"), "a.webm": ("libvpx", "libopus")}
    video, audio = codecs.get(name, (None, "pcm_s16le"))
    path = make(tmp_path / name, Clip(seconds=1, video_codec=video, audio_codec=audio, b_frames=0))
    assert preflight.inspect(path) == preflight.Findings(is_mp4=False, is_cut_off=False)
    path.write_bytes(path.read_bytes()[:-2000])
    assert preflight.inspect(path).is_cut_off


def test_a_cut_off_mp4_is_told(tmp_path):
    path = make(tmp_path / "a.mp4", Clip(seconds=2, options={"movflags": "faststart"}))
    path.write_bytes(path.read_bytes()[:-1000])
    assert preflight.inspect(path).is_cut_off
