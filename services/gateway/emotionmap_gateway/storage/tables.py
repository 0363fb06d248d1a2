"""The tables of the gateway. Times are whole microseconds since 1970 UTC; states are `JobState`."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _traceparent() -> sa.Column[str]:
    # Where its trace goes on when it is worked on, W3C Trace Context; empty: it has none.
    return sa.Column("traceparent", sa.String(64), nullable=False, server_default=sa.text("''"))


def _of_analysis(*, is_key: bool = False) -> sa.Column[str]:
    # Of a key, it is the first part, which needs no index of its own.
    return sa.Column(
        "analysis_id",
        sa.String(64),
        sa.ForeignKey("analyses.id", ondelete="CASCADE"),
        nullable=False,
        primary_key=is_key,
        index=not is_key,
    )


def _run() -> sa.Column[int]:
    # Counts the starts of a job: only who holds the newest number may write what it came to.
    return sa.Column("run", sa.Integer, nullable=False, server_default=sa.text("0"))


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
    _run(),
    # The run that wrote the timeline.
    sa.Column("timeline_run", sa.Integer, nullable=False, server_default=sa.text("0")),
    _traceparent(),
)

SEGMENTS = sa.Table(
    "segments",
    METADATA,
    _of_analysis(is_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("truncated", sa.Boolean, nullable=False),
    # Up to where media could be read, nanoseconds from time zero.
    sa.Column("read_until_ns", _BIG, nullable=False),
    # Serialised ModelInfo.
    sa.Column("face_model", sa.LargeBinary),
    sa.Column("voice_model", sa.LargeBinary),
    _run(),
)

EVENTS = sa.Table(
    "events",
    METADATA,
    _of_analysis(is_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    # Either a serialised Analysis, or the segment whose intervals are the event.
    sa.Column("analysis", sa.LargeBinary),
    sa.Column("segment", sa.Integer),
)

EXPORTS = sa.Table(
    "exports",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
    _of_analysis(),
    sa.Column("state", sa.Integer, nullable=False, index=True),
    sa.Column("created_us", _BIG, nullable=False),
    sa.Column("progress", sa.Float, nullable=False, default=0.0),
    sa.Column("size_bytes", _BIG, nullable=False, default=0),
    # Serialised CutHighlightsRequest, Failure.
    sa.Column("request", sa.LargeBinary, nullable=False),
    sa.Column("failure", sa.LargeBinary),
    sa.Column("fruitless_starts", sa.Integer, nullable=False, default=0),
    _run(),
    _traceparent(),
)

EXPORT_SUMMARIES = sa.Table(
    "export_summaries",
    METADATA,
    sa.Column(
        "export_id",
        sa.String(64),
        sa.ForeignKey("exports.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    # Serialised CutSummary.
    sa.Column("summary", sa.LargeBinary, nullable=False),
)

CORRECTIONS = sa.Table(
    "corrections",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
    _of_analysis(),
    # Milliseconds from time zero; those of one analysis do not overlap.
    sa.Column("start_ms", _BIG, nullable=False),
    sa.Column("end_ms", _BIG, nullable=False),
    sa.Column("emotion", sa.Integer, nullable=False),
    sa.Column("created_us", _BIG, nullable=False),
)

# What viewers changed of the people of a timeline; who was not changed has no row.
PERSON_EDITS = sa.Table(
    "person_edits",
    METADATA,
    _of_analysis(is_key=True),
    sa.Column("person_id", sa.String(64), primary_key=True),
    # Empty: none was given.
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("hidden", sa.Boolean, nullable=False),
    # Empty: part of nobody else.
    sa.Column("merged_into", sa.String(64), nullable=False),
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

# Uploads that are no analysis yet. Their bytes, and so their offsets, are in the upload files.
UPLOADS = sa.Table(
    "uploads",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("length_bytes", _BIG, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    # Upload-Metadata as the client sent it.
    sa.Column("metadata", sa.Text, nullable=False),
    sa.Column("expires_us", _BIG, nullable=False, index=True),
    # While bytes come whose checksum is not known to hold: where they start.
    sa.Column("checked_bytes", _BIG),
)

# Gateways that share one database. Who does not renew its lease in time is taken to be gone.
LEASES = sa.Table(
    "leases",
    METADATA,
    sa.Column("executor_id", sa.String(64), primary_key=True),
    # Drawn anew by each process, so that two of one name are told apart.
    sa.Column("holder", sa.String(64), nullable=False),
    # By the clock of the database.
    sa.Column("expires_us", _BIG, nullable=False),
)
