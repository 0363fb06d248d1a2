"""What jobs tell Prometheus: how long they wait and take, and how they and their segments end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emotionmap.v1 import analysis_service_pb2 as pb
from prometheus_client import Counter, Gauge, Histogram

from emotionmap_gateway.storage.database import now_us

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

ANALYSIS, EXPORT = "analysis", "export"

JOB_BUCKETS_S = (1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400)
SEGMENT_BUCKETS_S = (0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320)


@dataclass(frozen=True, slots=True)
class JobMetrics:
    """The metrics of the jobs of one gateway. `kind` is `ANALYSIS` or `EXPORT`."""

    ended: Counter
    queue_seconds: Histogram
    seconds: Histogram
    segment_attempts: Counter
    segment_successes: Counter
    segment_seconds: Histogram
    segments_in_flight: Gauge
    media_seconds: Counter

    @classmethod
    def create(cls, registry: CollectorRegistry) -> JobMetrics:
        """Make a fresh set in a registry."""
        kind = ("kind",)
        return cls(
            ended=Counter(
                "em_jobs_ended",
                "Jobs that ended here; the reason is empty unless they failed.",
                ("kind", "state", "reason"),
                registry=registry,
            ),
            queue_seconds=Histogram(
                "em_job_queue_duration_seconds",
                "Time from a job's creation to its first start.",
                kind,
                buckets=JOB_BUCKETS_S,
                registry=registry,
            ),
            seconds=Histogram(
                "em_job_duration_seconds",
                "Time from a job's creation to its end.",
                kind,
                buckets=JOB_BUCKETS_S,
                registry=registry,
            ),
            segment_attempts=_counter(registry, "segment_attempts", "Tries to work on a segment."),
            segment_successes=_counter(registry, "segment_successes", "Segments analysed."),
            segment_seconds=Histogram(
                "em_segment_duration_seconds",
                "Time from a segment's turn to its kept result, with its tries.",
                buckets=SEGMENT_BUCKETS_S,
                registry=registry,
            ),
            segments_in_flight=Gauge(
                "em_segments_in_flight",
                "Segments that this gateway works on.",
                registry=registry,
            ),
            media_seconds=_counter(
                registry, "analysed_media_seconds", "Seconds of media in analysed segments."
            ),
        )

    def started(self, kind: str, *, created_us: int) -> None:
        """Count the first start of a job."""
        self.queue_seconds.labels(kind).observe(_seconds_since(created_us))

    def finished(self, kind: str, state: pb.JobState, *, created_us: int, reason: str = "") -> None:
        """Count the end of a job."""
        word = pb.JobState.Name(state).removeprefix("JOB_STATE_").lower()
        self.ended.labels(kind, word, reason).inc()
        self.seconds.labels(kind).observe(_seconds_since(created_us))

    def segment_done(self, *, media_seconds: float, seconds: float) -> None:
        """Count a segment whose result is kept.

        Args:
            media_seconds: How much of the media it is.
            seconds: How long it took.
        """
        self.segment_successes.inc()
        self.segment_seconds.observe(seconds)
        self.media_seconds.inc(media_seconds)


def _counter(registry: CollectorRegistry, name: str, text: str) -> Counter:
    return Counter(f"em_{name}", text, registry=registry)


def _seconds_since(moment_us: int) -> float:
    return max(0, now_us() - moment_us) / 1e6
