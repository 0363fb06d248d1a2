"""Reads what a sequence parameter set of H.264 says of a stream's pictures.

Names and numbers are those of ITU-T H.264. For the streams that such sets stand in see avc.py.
"""

from __future__ import annotations

from dataclasses import dataclass

SPS = 7
TYPE_MASK = 0x1F
"""What of the first byte of a unit is its type (nal_unit_type)."""
_HIGH_PROFILES = frozenset((100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135))
"""Profiles whose parameter sets name a chroma format and depths."""
_MANY_ZERO_BITS = 32
_EXTENDED_ASPECT = 255


class Malformed(ValueError):  # noqa: N818 - what the bytes are
    """The bytes are not what they should be."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """What a sequence parameter set says."""

    set_id: int
    profile: int
    level: int
    chroma_format: int
    bit_depth: int
    size_mbs: tuple[int, int]
    """Width and height in macroblocks."""
    crop: tuple[int, int, int, int]
    """Left, right, top, bottom, in crop units."""
    has_frames_only: bool
    reference_frames: int
    reordered_frames: int | None
    """Pictures that may come before one they are shown after; None if it is not said."""

    @classmethod
    def parse(cls, unit: bytes) -> Sequence:
        """Read a unit of type SPS, its header byte included.

        Raises:
            Malformed: It ends too early, or is none.
        """
        if not unit or unit[0] & TYPE_MASK != SPS:
            raise Malformed
        return _parse_sequence(Bits(unit[1:]))


class Bits:
    """Reads numbers bit by bit; raises Malformed behind the end."""

    def __init__(self, payload: bytes) -> None:
        clean = payload.replace(b"\x00\x00\x03", b"\x00\x00")  # emulation prevention
        self._value, self._left = int.from_bytes(clean, "big"), len(clean) * 8

    def bits(self, count: int) -> int:
        """u(n)."""
        if count > self._left:
            raise Malformed
        self._left -= count
        return (self._value >> self._left) & ((1 << count) - 1)

    def flag(self) -> bool:
        """u(1)."""
        return self.bits(1) == 1

    def unsigned(self) -> int:
        """Exp-Golomb, ue(v)."""
        zeros = 0
        while not self.flag():
            zeros += 1
            if zeros > _MANY_ZERO_BITS:
                raise Malformed
        return (1 << zeros) - 1 + self.bits(zeros)

    def signed(self) -> int:
        """Exp-Golomb, se(v)."""
        number = self.unsigned()
        return (number + 1) // 2 if number % 2 else -(number // 2)


def _parse_sequence(bits: Bits) -> Sequence:
    profile, _, level = bits.bits(8), bits.bits(8), bits.bits(8)
    set_id = bits.unsigned()
    chroma_format, bit_depth = _chroma(bits) if profile in _HIGH_PROFILES else (1, 8)
    bits.unsigned()  # log2_max_frame_num_minus4
    _picture_order(bits)
    reference_frames = bits.unsigned()
    bits.flag()  # gaps_in_frame_num_value_allowed_flag
    width, map_height = bits.unsigned() + 1, bits.unsigned() + 1
    has_frames_only = bits.flag()
    if not has_frames_only:
        bits.flag()  # mb_adaptive_frame_field_flag
    bits.flag()  # direct_8x8_inference_flag
    crop = (0, 0, 0, 0)
    if bits.flag():
        crop = (bits.unsigned(), bits.unsigned(), bits.unsigned(), bits.unsigned())
    return Sequence(
        set_id=set_id,
        profile=profile,
        level=level,
        chroma_format=chroma_format,
        bit_depth=bit_depth,
        size_mbs=(width, map_height * (1 if has_frames_only else 2)),
        crop=crop,
        has_frames_only=has_frames_only,
        reference_frames=reference_frames,
        reordered_frames=_reordered_frames(bits) if bits.flag() else None,
    )


def _chroma(bits: Bits) -> tuple[int, int]:
    """Return the chroma format and the greater of the depths."""
    chroma_format = bits.unsigned()
    if chroma_format == 3:  # noqa: PLR2004 - 4:4:4
        bits.flag()  # separate_colour_plane_flag
    bit_depth = 8 + max(bits.unsigned(), bits.unsigned())
    bits.flag()  # qpprime_y_zero_transform_bypass_flag
    if bits.flag():  # seq_scaling_matrix_present_flag
        for index in range(12 if chroma_format == 3 else 8):  # noqa: PLR2004
            if bits.flag():
                _skip_scaling_list(bits, 16 if index < 6 else 64)  # noqa: PLR2004 - 4x4, then 8x8
    return chroma_format, bit_depth


def _skip_scaling_list(bits: Bits, count: int) -> None:
    last = following = 8
    for _ in range(count):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _picture_order(bits: Bits) -> None:
    kind = bits.unsigned()
    if kind == 0:
        bits.unsigned()
    elif kind == 1:
        bits.flag()
        bits.signed()
        bits.signed()
        for _ in range(min(bits.unsigned(), 255)):
            bits.signed()


def _reordered_frames(bits: Bits) -> int | None:
    """Read the usability information up to max_num_reorder_frames (annex E)."""
    _skip_display(bits)
    if bits.flag():  # timing_info_present_flag
        bits.bits(65)
    has_timing = [bits.flag() and _skip_timing(bits) for _ in range(2)]
    if any(has_timing):
        bits.flag()  # low_delay_hrd_flag
    bits.flag()  # pic_struct_present_flag
    if not bits.flag():  # bitstream_restriction_flag
        return None
    bits.flag()
    for _ in range(4):
        bits.unsigned()
    return bits.unsigned()


def _skip_display(bits: Bits) -> None:
    """Read what is said of aspect, overscan, signal and place of chroma."""
    if bits.flag() and bits.bits(8) == _EXTENDED_ASPECT:
        bits.bits(32)
    if bits.flag():  # overscan_info_present_flag
        bits.flag()
    if bits.flag():  # video_signal_type_present_flag
        bits.bits(4)
        if bits.flag():
            bits.bits(24)
    if bits.flag():  # chroma_loc_info_present_flag
        bits.unsigned()
        bits.unsigned()


def _skip_timing(bits: Bits) -> bool:
    """Read hrd_parameters."""
    count = bits.unsigned() + 1
    bits.bits(8)
    for _ in range(min(count, 32)):
        bits.unsigned()
        bits.unsigned()
        bits.flag()
    bits.bits(20)
    return True
