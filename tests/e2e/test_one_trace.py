"""An analysis by five processes is one trace, from the request to the last span of a service."""

from __future__ import annotations

import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import grpc
import httpx
import pytest
from emotionmap_cli.local import SERVICES, running
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from tests.client import wait
from tests.clips import Scene, write_clip

pytestmark = [pytest.mark.e2e, pytest.mark.model]

TRACE_ID, PARENT_ID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
CALLS = {"probe", "decode", "face", "audio", "fuse", "store", "timeline", "summarise"}


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """Keeps the spans that services send, by the name of the service."""

    def __init__(self):
        self._lock, self.spans = threading.Lock(), defaultdict(list)

    def Export(self, request, context):
        with self._lock:
            for sent in request.resource_spans:
                about = {item.key: item.value.string_value for item in sent.resource.attributes}
                for scope in sent.scope_spans:
                    self.spans[about["service.name"]] += scope.spans
        return trace_service_pb2.ExportTraceServiceResponse()


@pytest.fixture
def collector(monkeypatch):
    server, kept = grpc.server(ThreadPoolExecutor(2)), Collector()
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(kept, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
    yield kept
    server.stop(None).wait()


def test_what_five_processes_do_for_an_analysis_hangs_together(collector, tmp_path):
    clip = write_clip(tmp_path / "clip.mp4", [Scene(3, face=True, voice=True)])
    with running(tmp_path / "data") as system:
        answer = httpx.post(
            f"{system.base_url}/v1/analyses",
            files={"file": ("clip.mp4", clip.read_bytes())},
            headers={"traceparent": f"00-{TRACE_ID}-{PARENT_ID}-01"},
        )
        job = wait(f"{system.base_url}{answer.headers['location']}")
    assert job["state"] == "SUCCEEDED"
    ours = {
        service: [span for span in spans if span.trace_id.hex() == TRACE_ID]
        for service, spans in collector.spans.items()
    }
    assert {service for service, spans in ours.items() if spans} == set(SERVICES)
    assert {span.name for span in ours["gateway"]} >= {"POST /v1/analyses", "analysis", *CALLS}
    spans = [span for found in ours.values() for span in found]
    ids = {span.span_id.hex() for span in spans} | {PARENT_ID}
    assert {span.parent_span_id.hex() for span in spans} <= ids
