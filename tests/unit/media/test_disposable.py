"""Headers of units tell whether a picture is referred to."""

from __future__ import annotations

import pytest
from av.packet import Packet
from emotionmap_media.disposable import Marks

AVC, RAW_AVC = Marks(4, 0), Marks(0, 0)
HEVC, LAYERED = Marks(4, 1), Marks(4, 2)


def packet(*units, start_codes=False):
    parts = [b"\0\0\0\1" if start_codes else len(unit).to_bytes(4, "big") for unit in units]
    return Packet(b"".join(part + unit for part, unit in zip(parts, units, strict=True)))


SLICE, REFERENCE, IDR, SEI, SPS = (
    bytes((first, 0x9A, 7, 7)) for first in (0x01, 0x41, 0x65, 0x06, 0x67)
)


@pytest.mark.parametrize(
    ("units", "is_disposable"),
    [
        ((SLICE,), True),
        ((SEI, SLICE, SLICE), True),
        ((REFERENCE,), False),
        ((SLICE, REFERENCE), False),
        ((IDR,), False),
        ((SPS, SLICE), False),
        ((SEI,), False),
        ((), False),
    ],
)
def test_a_picture_is_disposable_if_each_of_its_slices_is(units, is_disposable):
    assert AVC.is_disposable(packet(*units)) is is_disposable
    assert RAW_AVC.is_disposable(packet(*units, start_codes=True)) is is_disposable


@pytest.mark.parametrize(
    "data", [b"\0\0\0\x09\x01\x02", b"\0\0", b"\0\0\0\0", b"\0\0\0\1\x01", b"\xff" * 9]
)
def test_a_packet_that_does_not_add_up_is_kept(data):
    assert not AVC.is_disposable(Packet(data))


@pytest.mark.parametrize(
    ("kind", "layer", "single", "layered"),
    [(0, 1, True, False), (0, 2, False, True), (1, 1, False, False), (8, 1, True, False),
     (9, 1, False, False), (10, 1, False, False), (19, 1, False, False), (39, 1, False, False)],
)  # fmt: skip
def test_hevc_pictures_below_the_highest_layer_are_kept(kind, layer, single, layered):
    one = packet(bytes((kind << 1, layer, 7)))
    assert (HEVC.is_disposable(one), LAYERED.is_disposable(one)) == (single, layered)
