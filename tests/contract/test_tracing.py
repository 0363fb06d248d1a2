"""Spans of calls over a real socket, and of one analysis that is stopped and resumed."""

from __future__ import annotations

import asyncio
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import grpc
import httpx
import pytest
from emotionmap.v1 import fusion_service_pb2 as pb
from emotionmap.v1 import fusion_service_pb2_grpc as pb_grpc
from emotionmap_gateway.gateway import running
from emotionmap_runtime import tracing
from emotionmap_runtime.channel import begin_call, open_channel
from emotionmap_runtime.errors import ServiceError
from emotionmap_runtime.server import serving
from emotionmap_runtime.telemetry import JsonFormatter
from grpc_health.v1 import health_pb2, health_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from tests.contract.gateway_fakes import fake_services
from tests.contract.gateway_script import Script
from tests.contract.gateway_system import VIDEO, settings_for, wait_for
from tests.contract.threaded_servers import in_thread

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = 0x00F067AA0BA902B7
TRACEPARENT = f"00-{TRACE_ID}-{PARENT:016x}-01"
STEPS = {
    "POST /v1/analyses",
    "probe",
    "decode",
    "face",
    "audio",
    "fuse",
    "store",
    "timeline",
    "summarise",
}
FUSE = "emotionmap.v1.FusionService/FuseTimeline"


@pytest.fixture
def exporter():
    found = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(found))
    with tracing.recording(provider):
        yield found


class Servicer(pb_grpc.FusionServiceServicer):
    """Repeats each request, raises an error, or waits for ever."""

    def __init__(self, error=None, *, hangs=False):
        self.error, self.hangs, self.lines = error, hangs, []

    async def FuseTimeline(self, requests, context):
        record = logging.makeLogRecord({"msg": "seen", "levelname": "INFO"})
        self.lines.append(json.loads(JsonFormatter("fusion").format(record)))
        if self.error:
            raise self.error
        async for _ in requests:
            yield pb.FuseTimelineResponse()
        if self.hangs:
            await asyncio.Event().wait()


async def fuse(servicer):
    """Have one request fused, inside a span of ours."""

    def add(server):
        pb_grpc.add_FusionServiceServicer_to_server(servicer, server)

    async with (
        serving(add, port=0, grace_s=0) as port,
        open_channel(f"127.0.0.1:{port}") as channel,
    ):
        with tracing.continuing(TRACEPARENT), tracing.span("ours"):
            call = begin_call("fuse", pb_grpc.FusionServiceStub(channel).FuseTimeline, timeout=10)
            with suppress(grpc.aio.AioRpcError):  # what fails may do so before it has read
                await call.write(pb.FuseTimelineRequest())
                await call.read()
                call.cancel() if servicer.hangs else await call.done_writing()
            return await call.code()


def by_name(exporter):
    return {span.name: span for span in exporter.get_finished_spans()}


async def test_a_call_is_one_trace_on_both_sides(exporter):
    servicer = Servicer()
    assert await fuse(servicer) is grpc.StatusCode.OK
    spans = by_name(exporter)
    ours, client, server = spans["ours"], spans["fuse"], spans[FUSE]
    assert (client.kind, server.kind) == (SpanKind.CLIENT, SpanKind.SERVER)
    assert client.parent.span_id == ours.context.span_id
    assert server.parent.span_id == client.context.span_id
    assert {f"{span.context.trace_id:032x}" for span in spans.values()} == {TRACE_ID}
    assert servicer.lines[0]["trace_id"] == TRACE_ID
    assert servicer.lines[0]["span_id"] == f"{server.context.span_id:016x}"


async def test_a_failed_call_tells_its_reason_and_no_text(exporter):
    lost = ServiceError(grpc.StatusCode.NOT_FOUND, "LOST", "secret.mp4 is lost.")
    assert await fuse(Servicer(lost)) is grpc.StatusCode.NOT_FOUND
    spans = by_name(exporter)
    assert spans[FUSE].status.status_code is StatusCode.ERROR
    assert spans[FUSE].attributes["error.type"] == "LOST"
    assert spans["fuse"].attributes["rpc.grpc.status_code"] == 5
    assert "secret" not in "".join(span.to_json() for span in spans.values())


async def test_a_cancelled_call_ends_its_spans_without_error(exporter, caplog):
    assert await fuse(Servicer(hangs=True)) is grpc.StatusCode.CANCELLED
    spans = by_name(exporter)
    for name in ("fuse", FUSE):
        assert spans[name].attributes["emotionmap.cancelled"] is True
        assert spans[name].status.status_code is StatusCode.UNSET
    assert "detach" not in caplog.text


async def test_health_is_watched_as_ever_and_not_traced(exporter):
    async with (
        serving(lambda server: None, port=0, grace_s=0) as port,
        open_channel(f"127.0.0.1:{port}") as channel,
    ):
        watch = health_pb2_grpc.HealthStub(channel).Watch(
            health_pb2.HealthCheckRequest(), timeout=10
        )
        first = await anext(aiter(watch))
        watch.cancel()
    assert first.status == health_pb2.HealthCheckResponse.SERVING
    assert exporter.get_finished_spans() == ()


async def test_without_tracing_the_trace_of_a_caller_is_passed_on():
    servicer = Servicer()
    await fuse(servicer)
    assert servicer.lines[0]["trace_id"] == TRACE_ID


@pytest.fixture
def services(tmp_path):
    script = Script(tmp_path / "objects")
    with fake_services(script) as fakes:
        yield script, fakes


def test_an_analysis_is_one_trace_though_its_gateway_is_restarted(exporter, services, tmp_path):
    script, fakes = services
    settings = settings_for(fakes, tmp_path)
    with in_thread(lambda: running(settings)) as ports:
        url = f"http://127.0.0.1:{ports.http}/v1/analyses"
        headers = {"traceparent": TRACEPARENT}
        created = httpx.post(url, files={"file": ("clip.mp4", VIDEO)}, headers=headers).json()
        wait_for(lambda: httpx.get(f"{url}/{created['id']}").json()["progress"] > 0)
    script.gate.set()
    with in_thread(lambda: running(settings)) as ports:
        url = f"http://127.0.0.1:{ports.http}/v1/analyses/{created['id']}"
        wait_for(lambda: httpx.get(url).json()["state"] == "SUCCEEDED")
    trace, others = of_the_trace(exporter.get_finished_spans())
    assert {span.name for span in trace} >= STEPS
    assert runs(trace) == [1, 2]
    assert len(segments_done(trace)) == 3
    assert {span.parent.span_id for span in trace} <= {PARENT, *ids(trace)}
    assert not [span for span in others if created["id"] in str(dict(span.attributes))]


def of_the_trace(spans):
    """Part spans into those of the trace that the caller named, and others."""
    trace = [span for span in spans if f"{span.context.trace_id:032x}" == TRACE_ID]
    return trace, [span for span in spans if span not in trace]


def ids(spans):
    return [span.context.span_id for span in spans]


def runs(spans):
    """Return which start of the analysis each span of one was."""
    return [span.attributes["emotionmap.run"] for span in spans if span.name == "analysis"]


def segments_done(spans):
    segments = [span for span in spans if span.name == "segment"]
    return [span for span in segments if "emotionmap.cancelled" not in span.attributes]


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    def __init__(self):
        self.requests = []

    def Export(self, request, context):
        self.requests.append(request)
        return trace_service_pb2.ExportTraceServiceResponse()


@pytest.fixture
def collector():
    server, servicer = grpc.server(ThreadPoolExecutor(1)), Collector()
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(servicer, server)
    servicer.port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield servicer
    server.stop(None).wait()


def test_spans_are_sent_with_who_made_them(collector, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.port}")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")
    with tracing.exporting("face"), tracing.continuing(TRACEPARENT), tracing.span("work"):
        pass
    [sent] = collector.requests[0].resource_spans
    resource = {item.key: item.value.string_value for item in sent.resource.attributes}
    assert resource["service.name"] == "face"
    assert resource["deployment.environment.name"] == "test"
    assert sent.scope_spans[0].spans[0].trace_id.hex() == TRACE_ID


def test_a_caller_who_is_not_sampled_is_not_recorded(collector, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.port}")
    unsampled = f"{TRACEPARENT[:-2]}00"
    with tracing.exporting("face"), tracing.continuing(unsampled), tracing.span("work"):
        assert tracing.current_traceparent().startswith(f"00-{TRACE_ID}-")
    assert collector.requests == []


def test_another_protocol_is_refused(monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
    with pytest.raises(tracing.TracingError, match="grpc"), tracing.exporting("face"):
        pass
