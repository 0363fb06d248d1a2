"""Plans of videos that grow. Pure arithmetic."""

from __future__ import annotations

from emotionmap.v1 import media_service_pb2

from emotionmap_gateway.documents.words import duration_ns


def extended(
    plan: media_service_pb2.ProbeMediaResponse,
    more: media_service_pb2.ProbeMediaResponse,
    *,
    size_bytes: int,
) -> media_service_pb2.ProbeMediaResponse:
    """Return a plan with the segments that follow on it.

    Args:
        plan: What is known; its segments stay as they are.
        more: What is known by now: segments from the end of those on. Of a complete video nobody
            says how many bytes they need; then it is assumed that these lie evenly.
        size_bytes: Of the complete video.
    """
    whole = media_service_pb2.ProbeMediaResponse()
    whole.CopyFrom(plan)
    whole.info.CopyFrom(more.info)
    whole.segments.extend(more.segments)
    ends = more.segment_end_bytes or _even_ends(plan, more, size_bytes)
    least = max(plan.segment_end_bytes, default=0)
    whole.segment_end_bytes.extend(max(least, end) for end in ends)
    return whole


def _even_ends(
    plan: media_service_pb2.ProbeMediaResponse,
    more: media_service_pb2.ProbeMediaResponse,
    size_bytes: int,
) -> list[int]:
    if not more.segments:
        return []
    first_bytes = max(plan.segment_end_bytes, default=0)
    first_ns = duration_ns(more.segments[0].start_offset)
    length_ns = duration_ns(more.segments[-1].end_offset) - first_ns
    passed_ns = (duration_ns(segment.end_offset) - first_ns for segment in more.segments)
    left_bytes = size_bytes - first_bytes
    return [first_bytes + left_bytes * passed // length_ns for passed in passed_ns]
