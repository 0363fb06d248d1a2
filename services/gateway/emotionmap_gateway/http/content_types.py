"""Content types of media by what FFmpeg calls their container."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emotionmap.v1 import timeline_pb2

UNKNOWN = "application/octet-stream"

_CONTAINERS: Mapping[str, tuple[str, str]] = {
    # FFmpeg's name: type with video, type without
    "mp4": ("video/mp4", "audio/mp4"),
    "mov": ("video/quicktime", "audio/mp4"),
    "webm": ("video/webm", "audio/webm"),
    "matroska": ("video/x-matroska", "audio/x-matroska"),
    "mpeg": ("video/mpeg", "audio/mpeg"),
    "mpegts": ("video/mp2t", "video/mp2t"),
    "avi": ("video/x-msvideo", "video/x-msvideo"),
    "flv": ("video/x-flv", "video/x-flv"),
    "ogg": ("video/ogg", "audio/ogg"),
    "asf": ("video/x-ms-asf", "audio/x-ms-wma"),
    "wav": ("audio/wav", "audio/wav"),
    "mp3": ("audio/mpeg", "audio/mpeg"),
    "flac": ("audio/flac", "audio/flac"),
    "aac": ("audio/aac", "audio/aac"),
}

_WEBM_CODECS = frozenset({"vp8", "vp9", "av1", "vorbis", "opus", ""})


def media_type_of(media: timeline_pb2.MediaInfo) -> str:
    """Return the content type of a video or sound file.

    FFmpeg calls a demuxer by all its names ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"); the codecs
    tell which of them a browser will play.
    """
    names = media.container.split(",")
    if "mp4" in names:
        names = ["mp4"]
    elif "webm" in names and {media.video_codec, media.audio_codec} <= _WEBM_CODECS:
        names = ["webm"]
    for name in names:
        if name in _CONTAINERS:
            return _CONTAINERS[name][0 if media.has_video else 1]
    return UNKNOWN
