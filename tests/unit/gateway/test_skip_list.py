"""Skip lists: everything that is not in a selection, and nothing else."""

from __future__ import annotations

import re

import pytest
from emotionmap_gateway.documents.edit_lists.skip_list import to_skip_list
from emotionmap_gateway.documents.pieces import Piece
from hypothesis import given
from hypothesis import strategies as st

END_NS = 10_000_000_000


def pieces(*edges_s):
    edges = [round(edge * 10**9) for edge in edges_s]
    return [Piece(start, end, ()) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def lines(*edges_s):
    return "".join(to_skip_list(pieces(*edges_s), end_ns=END_NS)).splitlines()


@pytest.mark.parametrize(
    ("kept", "skipped"),
    [
        ((0, 10), []),
        ((2, 4), ["0.000 2.000 0", "4.000 10.000 0"]),
        ((0, 1.5, 9, 10), ["1.500 9.000 0"]),
        ((0.0004, 10), []),
        ((0, 9.9996), []),
        ((1 / 3, 10), ["0.000 0.333 0"]),
    ],
)
def test_what_is_in_no_piece_is_skipped(kept, skipped):
    assert lines(*kept) == skipped


@given(st.lists(st.integers(0, 10_000), max_size=20, unique=True).map(sorted))
def test_kept_and_skipped_make_the_whole_video(edges_ms):
    edges_ms = edges_ms[: len(edges_ms) // 2 * 2]
    skipped_ms = 0
    for line in lines(*(edge / 1000 for edge in edges_ms)):
        match = re.fullmatch(r"(\d+)\.(\d{3}) (\d+)\.(\d{3}) 0", line)
        start, end = int(match[1] + match[2]), int(match[3] + match[4])
        assert start < end
        skipped_ms += end - start
    kept_ms = sum(edges_ms[1::2]) - sum(edges_ms[::2])
    assert kept_ms + skipped_ms == 10_000
