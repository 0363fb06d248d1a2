"""A long video has a draft before its timeline; it is told apart, and nothing hangs on it."""

from __future__ import annotations

from itertools import pairwise

import grpc
import pytest
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import analysis_service_pb2_grpc
from emotionmap_gateway.http import wire

from tests.contract.gateway_http.test_life import read_events
from tests.contract.gateway_system import wait_for

LENGTH_S, SEGMENT_S = 180, 60


@pytest.fixture
def long(system):
    """Videos are three minutes long; only the first segment can be finished."""
    script, usual_s = system.script, system.script.segment_s
    script.gate.clear()
    script.duration_s, script.segment_s = LENGTH_S, SEGMENT_S
    yield system
    script.segment_s = usual_s


def events_until(system, analysis_id, kinds):
    """Return the events up to when all of some kinds have come."""
    text = ""
    with system.http.stream("GET", f"/v1/analyses/{analysis_id}/events") as stream:
        for part in stream.iter_text():
            text += part
            if all(f"event: {kind}" in text for kind in kinds) and text.endswith("\n\n"):
                return read_events(text)
    raise AssertionError(text)


def draft_of(events):
    [data] = [data for _, kind, data in events if kind == "draft"]
    return wire.Draft.model_validate(data).intervals


def test_a_draft_fills_what_is_not_finished(long):
    events = events_until(long, long.created(), ("draft", "intervals"))
    kinds = [kind for _, kind, _ in events]
    known = [data for _, kind, data in events[: kinds.index("draft")] if kind == "intervals"]
    drafted = draft_of(events)
    spans = [(one.start, one.end) for one in drafted]
    spans += [(one["start"], one["end"]) for data in known for one in data["intervals"]]
    spans.sort()
    assert (spans[0][0], spans[-1][1]) == (0, LENGTH_S)
    assert all(one[1] == after[0] for one, after in pairwise(spans))
    assert {one.start % 1 for one in drafted} == {0}
    assert len(drafted) < LENGTH_S / 4


def test_a_draft_stays_an_event_and_is_no_part_of_the_timeline(long):
    analysis_id = long.created()
    first = draft_of(events_until(long, analysis_id, ("draft",)))
    long.script.gate.set()
    long.wait(f"/v1/analyses/{analysis_id}")
    events = read_events(long.http.get(f"/v1/analyses/{analysis_id}/events").text)
    timeline = long.http.get(f"/v1/analyses/{analysis_id}/timeline").json()
    assert draft_of(events) == first
    assert [number for number, _, _ in events] == list(range(1, len(events) + 1))
    assert len(timeline["intervals"]) == LENGTH_S
    assert not any("draft" in interval for interval in timeline["intervals"])


def test_a_draft_goes_over_grpc_too(long):
    analysis_id = long.created()
    expected = draft_of(events_until(long, analysis_id, ("draft",)))
    with grpc.insecure_channel(long.grpc_target) as channel:
        stub = analysis_service_pb2_grpc.AnalysisServiceStub(channel)
        for event in stub.WatchAnalysis(pb.WatchAnalysisRequest(id=analysis_id), timeout=20):
            if event.HasField("draft"):
                break
    starts = [interval.range.start_offset.seconds for interval in event.draft.intervals]
    assert starts == [interval.start for interval in expected]


def test_a_draft_is_deleted_with_its_analysis(long):
    analysis_id = long.created()
    events_until(long, analysis_id, ("draft",))
    assert f"analyses/{analysis_id}/draft.binpb" in long.files()
    assert long.http.delete(f"/v1/analyses/{analysis_id}").status_code == 204
    assert not [name for name in long.files() if analysis_id in name]


@pytest.mark.parametrize("method", ["SampleKeyFrames", "ended", "nothing"])
def test_without_a_draft_the_analysis_succeeds(long, method):
    """Sampling fails; the draft is late; there are no pictures."""
    if method == "SampleKeyFrames":
        long.fail(method, grpc.StatusCode.UNIMPLEMENTED, "UNIMPLEMENTED")
    long.script.has_video = method != "nothing"
    long.script.gate.set()
    analysis_id = long.finished()
    events = read_events(long.http.get(f"/v1/analyses/{analysis_id}/events").text)
    assert [kind for _, kind, _ in events].count("draft") <= (method == "ended")


def test_a_short_video_has_no_draft(system):
    system.finished()
    assert system.script.count("SampleKeyFrames") == 0


def test_each_frame_is_looked_at_on_its_own(long):
    events_until(long, long.created(), ("draft",))
    configs = wait_for(lambda: [one for one in long.script.configs if one.segment_id])
    marked = [one.segment_id for one in configs if getattr(one, "unrelated_frames", False)]
    assert [name.rpartition("/")[2] for name in marked] == ["draft"]


def test_progress_is_a_share_of_the_length(long):
    long.script.segment_s, long.script.duration_s = 100, 110
    analysis_id = long.created()
    body = wait_for(
        lambda: (now := long.http.get(f"/v1/analyses/{analysis_id}").json())["progress"] and now
    )
    assert body["progress"] == pytest.approx(100 / 110, abs=0.01)
