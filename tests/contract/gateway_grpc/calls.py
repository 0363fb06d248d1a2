"""How tests call the gateway over gRPC, and what they are refused with."""

from __future__ import annotations

import grpc
import pytest
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap_runtime.errors import from_rpc_error

from tests.contract.gateway_system import VIDEO

TIMEOUT_S = 30


def requests(video=VIDEO, **config):
    yield pb.CreateAnalysisRequest(config=pb.CreateAnalysisConfig(**config))
    for start in range(0, len(video), 1 << 20):
        yield pb.CreateAnalysisRequest(chunk=video[start : start + (1 << 20)])


def create(stub, video=VIDEO, **config):
    return stub.CreateAnalysis(requests(video, **config), timeout=TIMEOUT_S).analysis


def refused(call):
    """Return the code and reason that a call is refused with."""
    with pytest.raises(grpc.RpcError) as caught:
        _finish(call())
    error = from_rpc_error(caught.value)
    return error.code, error.reason


def _finish(result):
    """Read a stream of responses to its end."""
    if hasattr(result, "__next__"):
        list(result)
