"""What many uploads at once came to, from moments and metrics that are made up."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.bench.follow import SUCCEEDED, Followed
from tests.bench.load import crowd_row
from tests.bench.replicas import shares
from tests.bench.services import Kept, rows_of, total


def followed(ended_s, state=SUCCEEDED, first_s=11.5):
    return Followed(
        begun_s=10.0, sent_s=11.0, first_interval_s=first_s, ended_s=ended_s, state=state
    )


def test_a_crowd_is_measured_from_its_common_start() -> None:
    row = crowd_row([followed(20.0), followed(15.0)], 10.0, 30.0)
    assert row["video_s_per_s"] == 6.0
    assert row["fairness"] == 0.9
    assert (row["first_p50_s"], row["done_p50_s"], row["done_p95_s"]) == (0.5, 5.0, 10.0)
    assert row["succeeded"] == 1.0


def test_what_failed_counts_as_that_alone() -> None:
    row = crowd_row([followed(20.0), followed(11.0, state="FAILED")], 10.0, 30.0)
    assert (row["succeeded"], row["video_s_per_s"], row["fairness"]) == (0.5, 3.0, 1.0)


def test_a_crowd_in_which_nothing_succeeds_ends_the_bench() -> None:
    with pytest.raises(SystemExit, match="no analysis"):
        crowd_row([followed(11.0, state="FAILED")], 10.0, 30.0)


def test_the_first_event_of_a_kind_is_noted_and_the_last_state() -> None:
    one = Followed(sent_s=1.0)
    one.note("analysis", {"state": "RUNNING", "failure": None})
    one.note("draft", {"intervals": []})
    one.note("intervals", {"intervals": []})
    seen = (one.first_draft_s, one.first_interval_s)
    one.note("intervals", {"intervals": []})
    one.note("analysis", {"state": "FAILED", "failure": {"message": "Too short."}})
    assert (one.first_draft_s, one.first_interval_s) == seen
    assert (one.state, one.why) == ("FAILED", "Too short.")
    assert 0 < one.draft_after_s <= one.first_after_s


def metrics(streams, faces):
    method = "/emotionmap.v1.FaceService/AnalyzeFrames"
    return {
        ("em_requests_total", (("code", "OK"), ("method", method))): streams,
        ("em_requests_total", (("code", "OK"), ("method", "/grpc.health.v1.Health/Check"))): 99.0,
        ("em_batch_size_sum", ()): faces,
    }


def test_shares_are_of_segments_and_faces_not_of_questions_after_health() -> None:
    before = {"face": metrics(1.0, 10.0), "face-2": metrics(0.0, 0.0)}
    after = {"face": metrics(10.0, 70.0), "face-2": metrics(11.0, 40.0)}
    row = shares(before, after)
    assert row["segments"] == {"face": 9, "face-2": 11}
    assert (row["segments_gap_points"], row["faces_gap_points"]) == (10.0, 20.0)
    assert total(after["face"], "em_requests_total") == 109.0


@pytest.fixture
def data_dir(tmp_path):
    for name in ("emotionmap", "jobs"):
        with closing(sqlite3.connect(tmp_path / f"{name}.sqlite3")) as database, database:
            database.execute("CREATE TABLE events (analysis_id TEXT, data BLOB)")
    (tmp_path / "objects/a").mkdir(parents=True)
    return tmp_path


def test_what_is_kept_is_seen_and_what_is_deleted_is_not(data_dir) -> None:
    empty = Kept.look(data_dir)
    with closing(sqlite3.connect(data_dir / "emotionmap.sqlite3")) as database:
        database.execute("INSERT INTO events VALUES ('a', zeroblob(100000))")
        database.commit()
        (data_dir / "objects/a/media").touch()
        full = Kept.look(data_dir)
        assert rows_of(data_dir, "events", "a") == 1
        assert rows_of(data_dir, "events", "b") == 0
        database.execute("DELETE FROM events")
        database.commit()
    assert 90 < full.database_kb - empty.database_kb < 120
    assert (full.objects, full.jobs_kb) == (1, empty.jobs_kb)
    assert Kept.look(data_dir).database_kb == empty.database_kb
