"""Writes MP4s that no honest encoder would, by changing what another holds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import av
from av.packet import Packet


@dataclass(frozen=True, slots=True)
class StoredPacket:
    data: bytes
    pts: int
    dts: int
    is_key: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """The pictures of an MP4."""

    extradata: bytes
    packets: list[StoredPacket]

    def with_packet(self, index: int, **changes) -> Stored:
        packets = list(self.packets)
        packets[index] = replace(packets[index], **changes)
        return replace(self, packets=packets)


def rewrite(source, target, change):
    """Write what `change` makes of the pictures of an MP4, with its sound; return the target."""
    with av.open(str(source)) as container, av.open(str(target), "w") as output:
        video = container.streams.video[0]
        found = list(container.demux())
        pictures = [p for p in found if p.stream is video and p.size]
        stored = change(
            Stored(
                video.codec_context.extradata,
                [StoredPacket(bytes(p), p.pts, p.dts, p.is_keyframe) for p in pictures],
            )
        )
        stream = output.add_stream_from_template(video, opaque=True)
        stream.codec_context.extradata = stored.extradata
        sounds = {s: output.add_stream_from_template(s) for s in container.streams.audio}
        for one in stored.packets:
            packet = Packet(one.data)
            packet.stream, packet.time_base = stream, video.time_base
            packet.pts, packet.dts, packet.is_keyframe = one.pts, one.dts, one.is_key
            output.mux(packet)
        for packet in found:
            if packet.stream in sounds and packet.size:
                packet.stream = sounds[packet.stream]
                output.mux(packet)
    return target
