"""A file reads as itself, but for what lies over it."""

from __future__ import annotations

import os

import pytest
from emotionmap_media.growing import GrowingMedia
from emotionmap_media.overlaid import OverlaidReader, Overlay
from emotionmap_runtime.errors import ServiceError

OWN = bytes(range(100))
WANTED = OWN[:40] + b"over" + OWN[44:]


@pytest.fixture
def path(tmp_path):
    (tmp_path / "a").write_bytes(OWN)
    return tmp_path / "a"


@pytest.mark.parametrize("step", [1, 3, 7, 39, 41, 100, 1000])
def test_it_reads_in_steps_of_any_length(path, step):
    reader, parts = OverlaidReader(path, Overlay(40, b"over")), []
    while data := reader.read(step):
        assert len(data) <= step
        parts.append(data)
    assert b"".join(parts) == WANTED
    assert reader.tell() == 100


def test_it_can_be_sought_in(path):
    reader = OverlaidReader(path, Overlay(40, b"over"))
    assert (reader.seek(42), reader.read(2)) == (42, b"er")
    assert (reader.seek(-60, os.SEEK_END), reader.read(4)) == (40, b"over")
    assert (reader.seek(-6, os.SEEK_CUR), reader.read(2)) == (38, OWN[38:40])
    assert reader.seekable()
    assert reader.readable()


def test_what_lies_over_bytes_that_are_not_there_can_be_read(path):
    source = GrowingMedia(path, readable_bytes=50, total_bytes=100)
    reader = OverlaidReader(source, Overlay(96, b"tail"))
    reader.seek(96)
    assert reader.read(100) == b"tail"
    reader.seek(50)
    with pytest.raises(ServiceError):
        reader.read(1)
