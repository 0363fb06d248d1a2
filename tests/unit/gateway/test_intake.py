"""Titles and sizes of uploads."""

from __future__ import annotations

import pytest
from emotionmap_gateway.intake import check_size, clean_title
from emotionmap_runtime.errors import ServiceError


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("clip.mp4", "clip.mp4"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a\x00b\x1b[31m\nc", "a b [31m c"),
        ("gnp.\u202eexe", "gnp. exe"),
        ("  spaces \t everywhere  ", "spaces everywhere"),
        ("Сүлд тэмдэг.mp4", "Сүлд тэмдэг.mp4"),
        ("😀.mp4", "😀.mp4"),
        ("x" * 300, "x" * 255),
        ("folder/", ""),
        ("\u200b\x00", ""),
    ],
)
def test_a_title_is_the_bare_name_without_what_cannot_be_seen(name, title):
    assert clean_title(name) == title


def test_a_size_up_to_the_limit_is_taken():
    check_size(10, 10)


def test_a_size_over_the_limit_is_refused_naming_it():
    with pytest.raises(ServiceError, match="at most 10 bytes") as caught:
        check_size(11, 10)
    assert caught.value.reason == "MEDIA_TOO_LARGE"
    assert caught.value.metadata == {"max_bytes": "10"}
