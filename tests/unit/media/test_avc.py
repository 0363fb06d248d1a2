"""Headers of H.264 are read as written, and damage never raises anything but Malformed."""

from __future__ import annotations

import random

import pytest
from emotionmap_media import avc
from emotionmap_media.avc import Record
from emotionmap_media.avc_sequence import Malformed, Sequence

# Of x264: 1280x720, High, two pictures reordered; set 0.
SPS = bytes.fromhex("6764001facd9405005ba10000003001000000303c0f18319")
PPS = bytes.fromhex("68ef810f2c")
RECORD = Record(b"\x01\x64\x00\x1f", 4, (SPS,), (PPS,), b"\xfd\xf8\xf8\x00")


def test_a_sequence_is_read():
    found = Sequence.parse(SPS + b"\x60")
    assert (found.set_id, found.profile, found.level) == (0, 100, 31)
    assert (found.size_mbs, found.crop) == ((80, 45), (0, 0, 0, 0))
    assert (found.chroma_format, found.bit_depth, found.has_frames_only) == (1, 8, True)
    assert (found.reference_frames, found.reordered_frames) == (4, 2)


def test_a_record_is_written_as_it_was_read():
    data = RECORD.to_bytes()
    assert Record.parse(data) == RECORD
    assert Record.parse(data).to_bytes() == data
    assert RECORD.picture_ids == {0}


def test_joined_records_have_both_sets_and_the_higher_level():
    other = Record(b"\x01\x64\x00\x28", 4, (b"\x67\x64\x00\x28",), (b"\x68\x5a",))
    joined = Record.parse(RECORD.joined(other).to_bytes())
    assert joined.head == b"\x01\x64\x00\x28"
    assert (len(joined.sequences), len(joined.pictures)) == (2, 2)
    assert joined.tail == RECORD.tail


def test_raw_units_get_lengths():
    raw = b"\x00\x00\x00\x01" + SPS + b"\x00\x00\x01\x65\x88\x00\x00\x03\x01"
    packet = avc.to_lengths(raw)
    assert [kind for kind, _ in avc.packet_units(memoryview(packet), 4)] == [7, 5]
    assert avc.raw_units(raw)[0] == SPS


@pytest.mark.parametrize(
    "data", [b"\x00\x00\x00\x05\x65", b"\x00\x00\x00\x00\x65", b"\x00\x00\x65"]
)
def test_lengths_that_do_not_add_up_are_malformed(data):
    with pytest.raises(Malformed):
        list(avc.packet_units(memoryview(data), 4))


@pytest.mark.parametrize("seed", range(100))
def test_damage_is_malformed_or_read(seed):
    dice = random.Random(seed)
    data = bytearray(RECORD.to_bytes())
    for _ in range(dice.randint(1, 6)):
        data[dice.randrange(len(data))] = dice.randrange(256)
    try:
        record = Record.parse(bytes(data[: dice.randint(0, len(data))]))
        found = [Sequence.parse(unit) for unit in record.sequences]
        ids = record.picture_ids
    except Malformed:
        return
    assert len(found) == len(record.sequences)
    assert len(ids) <= len(record.pictures)


@pytest.mark.parametrize("size", range(len(SPS) - 4))
def test_a_sequence_that_is_cut_off_is_malformed(size):
    with pytest.raises(Malformed):
        Sequence.parse(SPS[:size])
