"""Counts the work that is not finished, for those who scale and watch the gateways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from emotionmap_gateway.storage.analysis_rows import OPEN_STATES
from emotionmap_gateway.storage.tables import ANALYSES, EXPORTS

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is open in the database, and so in all gateways that share it. States are `JobState`."""

    analyses: Mapping[int, int]
    exports: Mapping[int, int]
    oldest_us: Mapping[int, int]
    """Since when the analysis is in a state that is in it for longest; without those of none."""
    segments: int


def read_backlog(connection: sa.Connection) -> Backlog:
    """Return what is not finished."""
    columns = ANALYSES.c
    query = sa.select(
        columns.state,
        sa.func.count().label("analyses"),
        sa.func.min(columns.updated_us).label("oldest_us"),
        sa.func.sum(columns.segments_total - columns.segments_done).label("segments"),
    )
    query = query.where(columns.state.in_(OPEN_STATES)).group_by(columns.state)
    rows = connection.execute(query).all()
    exports = sa.select(EXPORTS.c.state, sa.func.count()).group_by(EXPORTS.c.state)
    counts = connection.execute(exports.where(EXPORTS.c.state.in_(OPEN_STATES))).all()
    none = dict.fromkeys(OPEN_STATES, 0)
    return Backlog(
        analyses=none | {row.state: row.analyses for row in rows},
        exports=none | {row[0]: row[1] for row in counts},
        oldest_us={row.state: row.oldest_us for row in rows},
        segments=int(sum(row.segments for row in rows)),
    )
