"""Alignment of evidence to intervals: exact in time, independent of how the kinds interleave."""

from __future__ import annotations

import numpy as np
import pytest
from emotionmap_fusion.evidence import EMOTIONS, Box, Face, Frame, Span, Speech
from emotionmap_fusion.fuse import UNSURE, Evidence, Weighing
from emotionmap_fusion.segment import (
    MAX_FACES_PER_FRAME,
    MAX_TRACKS_PER_INTERVAL,
    Segment,
    SegmentFusion,
)
from emotionmap_fusion.weighted_mean import WeightedMean
from emotionmap_runtime.errors import ServiceError
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.fusion.cases import ALL, WEIGHING

S = 1_000_000_000
HAPPY, SAD = np.eye(EMOTIONS)[3], np.eye(EMOTIONS)[4]
BOX = Box(0.2, 0.2, 0.4, 0.4)
SEGMENT = Segment(Span(2 * S, 5 * S + S // 2), S, expects_faces=True, expects_speech=True)


def face(emotions=HAPPY, *, quality=1.0, track=1, box=BOX):
    return Face(box, emotions, track, quality)


def frame(time_ns, *faces):
    return Frame(time_ns, faces)


def speech(start_ns, *, share=1.0, emotions=SAD, end_ns=None):
    return Speech(Span(start_ns, end_ns or start_ns + S), share, emotions)


def fused(*evidence, segment=SEGMENT, weighing=WEIGHING):
    """All intervals of a segment after this evidence."""
    fusion = SegmentFusion(segment, weighing=weighing, strategy=WeightedMean())
    intervals = []
    for item in evidence:
        (fusion.add_frame if isinstance(item, Frame) else fusion.add_speech)(item)
        intervals += fusion.take_complete()
    return intervals + list(fusion.take_rest())


def test_intervals_are_contiguous_and_the_last_is_partial() -> None:
    spans = [interval.span for interval in fused()]
    half = 5 * S + S // 2
    assert spans == [Span(2 * S, 3 * S), Span(3 * S, 4 * S), Span(4 * S, 5 * S), Span(5 * S, half)]


@pytest.mark.parametrize("interval_ns", [S // 5, S // 3, S, 10 * S])
def test_a_day_of_intervals_does_not_drift(interval_ns) -> None:
    segment = Segment(Span(86_400 * interval_ns, 86_410 * interval_ns + 1), interval_ns, True, True)
    assert segment.intervals == 11
    assert segment.interval(10) == Span(86_410 * interval_ns, 86_410 * interval_ns + 1)
    assert segment.index_at(86_410 * interval_ns - 1) == 9


def test_a_frame_belongs_to_the_interval_that_contains_it() -> None:
    intervals = fused(frame(2 * S), frame(3 * S - 1), frame(3 * S), frame(5 * S))
    assert [interval.frames for interval in intervals] == [2, 1, 0, 1]


def test_faces_are_weighed_by_quality() -> None:
    [first, *_] = fused(frame(2 * S, face(HAPPY, quality=0.75), face(SAD, quality=0.25, track=2)))
    assert first.face_scores == pytest.approx(0.75 * HAPPY + 0.25 * SAD)
    assert (first.faces, first.quality) == (2, 0.5)


def test_faces_of_quality_zero_still_count_alike() -> None:
    [first, *_] = fused(frame(2 * S, face(HAPPY, quality=0.0), face(SAD, quality=0.0, track=2)))
    assert first.face_scores == pytest.approx(0.5 * HAPPY + 0.5 * SAD)
    assert first.quality == 0


@pytest.mark.parametrize(("with_face", "evidence"), [(2, Evidence.NONE), (3, Evidence.FACE)])
def test_faces_count_from_their_least_share_of_frames(with_face, evidence) -> None:
    """3 of 15 frames are 0.2; 2 are less, but what they showed is still told."""
    frames = [frame(2 * S + i, *([face()] if i < with_face else [])) for i in range(15)]
    [first, *_] = fused(*frames)
    assert first.decision.evidence is evidence
    assert (first.frames, first.faces) == (15, with_face)
    assert first.face_scores == pytest.approx(HAPPY)


def test_share_zero_still_needs_a_face() -> None:
    weighing = Weighing(0.55, 0.45, 0.3, 0.0, 0.0, ALL, ALL)
    [first, *_] = fused(frame(2 * S), weighing=weighing)
    assert first.decision.evidence is Evidence.NONE
    assert first.decision.emotion == UNSURE


@pytest.mark.parametrize(
    ("share", "emotions", "evidence"),
    [(0.2, SAD, Evidence.VOICE), (0.19, SAD, Evidence.NONE), (1.0, None, Evidence.NONE)],
)
def test_voice_counts_from_its_least_share_of_speech(share, emotions, evidence) -> None:
    [first, *_] = fused(speech(2 * S, share=share, emotions=emotions))
    assert first.decision.evidence is evidence
    assert first.speech == share
    assert (first.voice_scores is None) == (evidence is Evidence.NONE)


def test_tracks_tell_first_last_and_best_box() -> None:
    small, large, last = Box(0, 0, 0.1, 0.1), Box(0, 0, 0.5, 0.5), Box(0, 0, 0.2, 0.2)
    [interval, *_] = fused(
        frame(2 * S, face(box=small, track=7)),
        frame(2 * S + 1, face(SAD, box=large, track=7), face(track=9)),
        frame(2 * S + 2, face(box=last, track=7), face(track=0)),
    )
    seven, nine = interval.tracks  # longest seen first; track 0 is none
    assert (seven.track, seven.frames, nine.track, nine.frames) == (7, 3, 9, 1)
    assert (seven.first_box, seven.best_box, seven.last_box) == (small, large, last)
    assert seven.best_ns == 2 * S + 1
    assert seven.scores == pytest.approx(2 / 3 * HAPPY + 1 / 3 * SAD)


def ready_after(*evidence, segment=SEGMENT):
    """How many intervals each piece of evidence completes, then how many are left."""
    fusion = SegmentFusion(segment, weighing=WEIGHING, strategy=WeightedMean())
    counts = []
    for item in evidence:
        (fusion.add_frame if isinstance(item, Frame) else fusion.add_speech)(item)
        counts.append(len(list(fusion.take_complete())))
    return [*counts, len(list(fusion.take_rest()))]


def test_an_interval_leaves_once_both_kinds_have_passed_it() -> None:
    counts = ready_after(frame(2 * S), speech(2 * S), frame(3 * S - 1), frame(3 * S), speech(3 * S))
    assert counts == [0, 0, 0, 1, 0, 3]


@pytest.mark.parametrize(
    ("faces", "voices", "evidence", "counts"),
    [
        (True, False, frame(4 * S + 1), [2, 2]),
        (False, True, speech(3 * S), [2, 2]),
    ],
)
def test_what_will_not_come_is_not_waited_for(faces, voices, evidence, counts) -> None:
    segment = Segment(SEGMENT.span, S, expects_faces=faces, expects_speech=voices)
    assert ready_after(evidence, segment=segment) == counts


def test_nothing_expected_leaves_at_the_end() -> None:
    segment = Segment(SEGMENT.span, S, expects_faces=False, expects_speech=False)
    assert ready_after(segment=segment) == [4]


@given(st.data())
def test_interleaving_does_not_matter(data) -> None:
    frames = [frame(2 * S + i * S // 3, face(quality=i / 10)) for i in range(10)]
    voices = [speech(2 * S), speech(3 * S, emotions=None), speech(4 * S, share=0.1)]
    order = data.draw(st.permutations([True] * len(frames) + [False] * len(voices)))
    left = {True: iter(frames), False: iter(voices)}
    mixed = fused(*(next(left[is_frame]) for is_frame in order))
    for found, wanted in zip(mixed, fused(*frames, *voices), strict=True):
        assert (found.span, found.decision.emotion) == (wanted.span, wanted.decision.emotion)
        assert found.decision.confidence == wanted.decision.confidence


@given(st.permutations(range(6)))
def test_order_of_faces_within_a_frame_does_not_matter(order) -> None:
    faces = [face(np.eye(EMOTIONS)[i], quality=(i + 1) / 10, track=i + 1) for i in range(6)]
    [found, *_] = fused(frame(2 * S, *(faces[i] for i in order)))
    [wanted, *_] = fused(frame(2 * S, *faces))
    assert found.face_scores == pytest.approx(wanted.face_scores)
    assert [track.track for track in found.tracks] == [track.track for track in wanted.tracks]


TOO_MANY = [face(track=i + 1) for i in range(MAX_FACES_PER_FRAME)]


@pytest.mark.parametrize(
    "evidence",
    [
        [frame(2 * S - 1)],
        [frame(5 * S + S // 2)],
        [frame(3 * S), frame(3 * S)],
        [frame(3 * S), frame(2 * S)],
        [frame(2 * S, *TOO_MANY, face())],
        [speech(S)],
        [speech(3 * S), speech(2 * S)],
        [speech(2 * S), speech(2 * S)],
        [speech(2 * S, end_ns=4 * S)],
        [speech(2 * S + 1)],
        [speech(5 * S)],  # the last interval ends at 5.5 s
    ],
)
def test_evidence_out_of_place_is_refused(evidence) -> None:
    with pytest.raises(ServiceError) as caught:
        fused(*evidence)
    assert caught.value.reason == "EVIDENCE_INVALID"


def test_tracks_of_an_interval_are_bounded() -> None:
    frames = [
        frame(2 * S + i, *(face(track=1 + i * 256 + j) for j in range(256)))
        for i in range(MAX_TRACKS_PER_INTERVAL // 256 + 1)
    ]
    with pytest.raises(ServiceError, match="tracks"):
        fused(*frames)


def test_unannounced_evidence_is_refused() -> None:
    segment = Segment(SEGMENT.span, S, expects_faces=False, expects_speech=False)
    for evidence in (frame(2 * S), speech(2 * S)):
        with pytest.raises(ServiceError, match="announced"):
            fused(evidence, segment=segment)


def test_emotions_beyond_the_model_are_refused() -> None:
    mask = ~HAPPY.astype(np.bool_)
    weighing = Weighing(0.55, 0.45, 0.3, 0.2, 0.2, mask, ALL)
    with pytest.raises(ServiceError, match="express"):
        fused(frame(2 * S, face(HAPPY)), weighing=weighing)
