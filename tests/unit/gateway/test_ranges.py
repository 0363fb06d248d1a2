"""Range headers (RFC 9110, section 14.1.2)."""

from __future__ import annotations

import pytest
from emotionmap_gateway.http.ranges import parse_range

SIZE = 100


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=10-19", (10, 20)),
        ("bytes=90-", (90, 100)),
        ("bytes=90-1000", (90, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-1000", (0, 100)),
        (" bytes=1-2 ", (1, 3)),
        ("bytes=-", None),
        ("bytes=2-1", None),
        ("bytes=0-1,3-4", None),
        ("bytes=a-b", None),
        ("bytes=0x1-2", None),
        ("bytes=1" + "0" * 30 + "-", None),
        ("items=0-1", None),
        ("", None),
    ],
)
def test_a_range_is_cut_to_the_object_and_nonsense_is_ignored(header, expected):
    assert parse_range(header, SIZE) == expected


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_past_the_end_starts_there(header):
    start, _ = parse_range(header, SIZE)
    assert start >= SIZE


def test_no_range_of_an_empty_object_can_be_satisfied():
    start, _ = parse_range("bytes=0-", 0)
    assert start >= 0
    assert parse_range("bytes=-5", 0) == (0, 0)
