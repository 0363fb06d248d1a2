"""What tracing costs: analyses through a gateway and fakes, in turns with and without.

    python -m tests.bench.telemetry

Everything runs in this process: gateway, fakes and their tracing. The fakes compute nothing, so the
share is far larger than that of a real analysis: `ms_per_segment` is to be set against the CPU that
a real segment takes. Spans are encoded as for a collector, and dropped.
"""

from __future__ import annotations

import json
import logging
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from emotionmap_runtime import tracing
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from tests.contract.gateway_system import System, gateway_system

ROUNDS = 10
ANALYSES = 8
SPANS = 5000
SEGMENTS_EACH = 3


class Encoder(SpanExporter):
    """Does what an exporter does but send."""

    def __init__(self) -> None:
        self.spans = 0

    def export(self, spans):
        self.spans += len(spans)
        encode_spans(spans).SerializeToString()
        return SpanExportResult.SUCCESS


def cpu_s(system: System) -> float:
    """Return the CPU that a few analyses take, one after the other."""
    start_s = time.process_time()
    for _ in range(ANALYSES):
        system.finished()
    return time.process_time() - start_s


def span_us(encoder: Encoder) -> float:
    """Return the CPU of one span with its attributes, from its start until it is encoded."""
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(encoder, max_queue_size=2 * SPANS))
    start_s = time.process_time()
    with tracing.recording(provider):
        for number in range(SPANS):
            with tracing.span("segment", {"emotionmap.segment_id": str(number)}):
                pass
    return (time.process_time() - start_s) / SPANS * 1e6


def main() -> None:
    """Measure, and print what came out as JSON."""
    logging.disable()
    encoder, found = Encoder(), {"off": [], "on": []}
    with tempfile.TemporaryDirectory() as folder, gateway_system(Path(folder)) as system:
        cpu_s(system)
        for number in range(2 * ROUNDS):
            kind = ("off", "on")[number % 2]
            with ExitStack() as stack:
                if kind == "on":
                    provider = TracerProvider(shutdown_on_exit=False)
                    provider.add_span_processor(BatchSpanProcessor(encoder))
                    stack.enter_context(tracing.recording(provider))
                found[kind].append(cpu_s(system))
    off_s, on_s = (statistics.median(found[kind]) for kind in ("off", "on"))
    segments = ANALYSES * SEGMENTS_EACH
    report = {
        "us_per_span": round(span_us(Encoder()), 1),
        "share_with_fakes": round(on_s / off_s - 1, 3),
        "ms_per_segment": round((on_s - off_s) / segments * 1000, 2),
        "spans_per_analysis": encoder.spans / ANALYSES / ROUNDS,
        "spread": {kind: [round(min(s), 2), round(max(s), 2)] for kind, s in found.items()},
    }
    sys.stdout.write(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
