"""Tracing costs at most a twentieth of an analysis: its spans, times what one takes."""

from __future__ import annotations

from emotionmap_runtime import tracing
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.bench.telemetry import Encoder, span_us
from tests.capacity.costs import WITHOUT_REPORT
from tests.contract.gateway_system import gateway_system

MOST = 0.05
LEAST_SPANS = 20


def test_spans_of_an_analysis_cost_little_of_it(tmp_path):
    found = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(found))
    with gateway_system(tmp_path) as system, tracing.recording(provider):
        system.finished()
        video_s = system.script.duration_s
    spans = len(found.get_finished_spans())
    assert spans >= LEAST_SPANS
    analysis_s = video_s * sum(WITHOUT_REPORT.values())
    assert spans * span_us(Encoder()) / 1e6 <= MOST * analysis_s
