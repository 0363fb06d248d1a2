"""Content types of media."""

from __future__ import annotations

import pytest
from emotionmap.v1 import timeline_pb2
from emotionmap_gateway.http.content_types import media_type_of

MOV = "mov,mp4,m4a,3gp,3g2,mj2"
MATROSKA = "matroska,webm"


@pytest.mark.parametrize(
    ("container", "video", "audio", "expected"),
    [
        (MOV, "h264", "aac", "video/mp4"),
        (MOV, "", "aac", "audio/mp4"),
        ("mov", "h264", "", "video/quicktime"),
        (MATROSKA, "vp9", "opus", "video/webm"),
        (MATROSKA, "", "opus", "audio/webm"),
        (MATROSKA, "h264", "aac", "video/x-matroska"),
        ("mpeg", "mpeg1video", "mp2", "video/mpeg"),
        ("avi", "mpeg4", "mp3", "video/x-msvideo"),
        ("wav", "", "pcm_s16le", "audio/wav"),
        ("something new", "h264", "", "application/octet-stream"),
        ("", "", "", "application/octet-stream"),
    ],
)
def test_container_and_codecs_tell_the_type(container, video, audio, expected):
    media = timeline_pb2.MediaInfo(
        container=container, video_codec=video, audio_codec=audio, has_video=bool(video)
    )
    assert media_type_of(media) == expected
