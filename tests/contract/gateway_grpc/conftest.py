"""One gateway with fake services behind it, for the tests of its gRPC API over real sockets."""

from __future__ import annotations

import grpc
import pytest
from emotionmap.v1 import analysis_service_pb2_grpc

from tests.contract.gateway_system import gateway_system


@pytest.fixture(scope="module")
def running_system(tmp_path_factory):
    with gateway_system(tmp_path_factory.mktemp("data")) as system:
        yield system


@pytest.fixture
def system(running_system):
    yield running_system
    running_system.reset()


@pytest.fixture(scope="module")
def stub(running_system):
    with grpc.insecure_channel(running_system.grpc_target) as channel:
        yield analysis_service_pb2_grpc.AnalysisServiceStub(channel)


@pytest.fixture(scope="module")
def finished(running_system):
    """Id of a finished analysis, shared by tests that only read it."""
    return running_system.finished()
