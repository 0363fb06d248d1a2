"""The error table is total, and an error survives the wire."""

from __future__ import annotations

from datetime import timedelta

import grpc
from emotionmap_runtime.errors import HTTP_STATUS, ServiceError, from_rpc_error
from google.rpc import error_details_pb2
from grpc_status import rpc_status


def test_every_grpc_code_has_an_http_status() -> None:
    assert set(HTTP_STATUS) == set(grpc.StatusCode)


def test_status_carries_reason_metadata_and_retry() -> None:
    error = ServiceError(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "QUEUE_FULL",
        "Busy.",
        metadata={"queue": "face"},
        retry_after=timedelta(seconds=2),
    )
    status = error.to_status()
    info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    assert status.details[0].Unpack(info)
    assert status.details[1].Unpack(retry)
    assert (status.code, status.message) == (8, "Busy.")
    assert (info.reason, info.domain, dict(info.metadata)) == (
        "QUEUE_FULL",
        "emotionmap",
        {"queue": "face"},
    )
    assert retry.retry_delay.ToTimedelta() == timedelta(seconds=2)


def test_a_call_that_ended_otherwise_than_its_server_says_is_typed_by_its_end() -> None:
    lost = ServiceError(grpc.StatusCode.NOT_FOUND, "LOST", "It is lost.")
    trailer = rpc_status.to_status(lost.to_status()).trailing_metadata
    late = grpc.aio.AioRpcError(
        grpc.StatusCode.DEADLINE_EXCEEDED, grpc.aio.Metadata(), grpc.aio.Metadata(*trailer)
    )
    assert from_rpc_error(late).reason == "DEADLINE_EXCEEDED"
