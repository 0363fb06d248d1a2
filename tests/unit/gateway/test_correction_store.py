"""The limit of corrections, and that labels for training are what training reads."""

from __future__ import annotations

import secrets

import pytest
import sqlalchemy as sa
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import media_service_pb2
from emotionmap_gateway.corrections import to_message
from emotionmap_gateway.documents.edits import to_labels_csv
from emotionmap_gateway.http.problems import status_of
from emotionmap_gateway.storage.analysis_rows import NewAnalysis
from emotionmap_gateway.storage.correction_store import (
    MAX_CORRECTIONS,
    CorrectionRow,
    CorrectionStore,
)
from emotionmap_gateway.storage.database import opening
from emotionmap_gateway.storage.tables import ANALYSES
from emotionmap_runtime.errors import ServiceError
from hypothesis import given, settings
from hypothesis import strategies as st

from training.videos import read_spans

ANALYSIS = "a" * 24


async def insert_analysis(database):
    new = NewAnalysis(
        ANALYSIS, "t", 1, "", pb.AnalysisOptions(), media_service_pb2.ProbeMediaResponse()
    )
    await database.write(lambda c: c.execute(sa.insert(ANALYSES).values(**new.values())))


async def test_the_limit_counts_what_is_left_after_a_split(tmp_path):
    async with opening(f"sqlite:///{tmp_path}/db") as database:
        await insert_analysis(database)
        store = CorrectionStore(database, most=2)
        await store.insert(ANALYSIS, start_ms=0, end_ms=9, emotion=4)
        with pytest.raises(ServiceError) as caught:
            await store.insert(ANALYSIS, start_ms=3, end_ms=4, emotion=5)  # would leave three
        assert caught.value.reason == "CORRECTIONS_FULL"
        assert status_of(caught.value) == 507
        kept = await store.of_analysis(ANALYSIS)
        assert [(row.start_ms, row.end_ms) for row in kept] == [(0, 9)]
        await store.insert(ANALYSIS, start_ms=0, end_ms=4, emotion=5)
        assert len(await store.of_analysis(ANALYSIS)) == 2
    assert MAX_CORRECTIONS == 10_000


@settings(deadline=None, max_examples=15)  # each makes a database
@given(
    edges=st.lists(st.lists(st.integers(0, 30), min_size=2, max_size=2, unique=True), max_size=9)
)
async def test_each_millisecond_has_the_newest_label(tmp_path_factory, edges):
    painted = [None] * 30
    async with opening(
        f"sqlite:///{tmp_path_factory.mktemp('d')}/{secrets.token_hex(4)}"
    ) as database:
        await insert_analysis(database)
        store = CorrectionStore(database)
        for number, edge in enumerate(edges):
            start, end = sorted(edge)
            await store.insert(ANALYSIS, start_ms=start, end_ms=end, emotion=number % 8)
            painted[start:end] = [number % 8] * (end - start)
        rows = await store.of_analysis(ANALYSIS)
    found = [None] * 30
    for row in rows:
        assert set(found[row.start_ms : row.end_ms]) == {None}
        found[row.start_ms : row.end_ms] = [row.emotion] * (row.end_ms - row.start_ms)
    assert found == painted


@pytest.mark.parametrize("title", ["clip.mp4", 'a,"b".mp4', "=cmd.mp4", "東京.mp4"])
def test_training_reads_the_labels_back(tmp_path, title):
    rows = [CorrectionRow("x", 1_000, 2_500, 6, 0), CorrectionRow("y", 2_500, 3_000, 0, 0)]
    text = to_labels_csv((to_message(row) for row in rows), title=title)
    (tmp_path / "labels.csv").write_text(text, encoding="utf-8", newline="")
    ((path, spans),) = read_spans(tmp_path).items()
    assert (tmp_path / path) == (tmp_path / title)
    assert [(span.start, span.end) for span in spans] == [(1.0, 2.5)]
    assert not text.splitlines()[1].startswith("=")
