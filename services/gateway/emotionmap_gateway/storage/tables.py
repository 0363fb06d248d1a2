"""The tables of the gateway. Times are whole microseconds since 1970 UTC; states are `JobState`."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _of_analysis() -> sa.Column[str]:
    return sa.Column(
        "analysis_id",
        sa.String(64),
        sa.ForeignKey("analyses.id", ondelete="CASCADE"),
        primary_key=True,
    )


ANALYSES = sa.Table(
    "analyses",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("state", sa.Integer, nullable=False, index=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("created_us", _BIG, nullable=False, index=True),
    sa.Column("updated_us", _BIG, nullable=False),
    sa.Column("size_bytes", _BIG, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    # Serialised AnalysisOptions, ProbeMediaResponse (media and segments), Failure.
    sa.Column("options", sa.LargeBinary, nullable=False),
    sa.Column("probe", sa.LargeBinary, nullable=False),
    sa.Column("failure", sa.LargeBinary),
    sa.Column("segments_total", sa.Integer, nullable=False),
    sa.Column("segments_done", sa.Integer, nullable=False, default=0),
    # Starts since a segment was last finished: a job that ends the process shows here.
    sa.Column("fruitless_starts", sa.Integer, nullable=False, default=0),
)

SEGMENTS = sa.Table(
    "segments",
    METADATA,
    _of_analysis(),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("truncated", sa.Boolean, nullable=False),
    # Up to where media could be read, nanoseconds from time zero.
    sa.Column("read_until_ns", _BIG, nullable=False),
    # Serialised ModelInfo.
    sa.Column("face_model", sa.LargeBinary),
    sa.Column("voice_model", sa.LargeBinary),
)

EVENTS = sa.Table(
    "events",
    METADATA,
    _of_analysis(),
    sa.Column("number", sa.Integer, primary_key=True),
    # Either a serialised Analysis, or the segment whose intervals are the event.
    sa.Column("analysis", sa.LargeBinary),
    sa.Column("segment", sa.Integer),
)

EXPORTS = sa.Table(
    "exports",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column(
        "analysis_id",
        sa.String(64),
        sa.ForeignKey("analyses.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("state", sa.Integer, nullable=False, index=True),
    sa.Column("created_us", _BIG, nullable=False),
    sa.Column("progress", sa.Float, nullable=False, default=0.0),
    sa.Column("size_bytes", _BIG, nullable=False, default=0),
    # Serialised CutHighlightsRequest, Failure.
    sa.Column("request", sa.LargeBinary, nullable=False),
    sa.Column("failure", sa.LargeBinary),
    sa.Column("fruitless_starts", sa.Integer, nullable=False, default=0),
)

IDEMPOTENCY_KEYS = sa.Table(
    "idempotency_keys",
    METADATA,
    # What the key was used for: "analyses", or the analysis whose highlights were asked for.
    sa.Column("scope", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("analysis_id", sa.String(64), sa.ForeignKey("analyses.id", ondelete="CASCADE")),
    sa.Column("export_id", sa.String(64), sa.ForeignKey("exports.id", ondelete="CASCADE")),
)
