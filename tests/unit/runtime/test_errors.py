"""The error table is total, and an error survives the wire."""

from __future__ import annotations

from datetime import timedelta

import grpc
from emotionmap_runtime.errors import HTTP_STATUS, ServiceError
from google.rpc import error_details_pb2


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
