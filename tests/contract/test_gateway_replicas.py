"""Replicas of a service take turns at the gateway's calls, over real sockets."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from emotionmap.v1 import face_service_pb2 as pb
from emotionmap.v1 import face_service_pb2_grpc
from emotionmap_gateway.backends import connecting
from emotionmap_gateway.settings import Settings
from emotionmap_runtime.server import serving

CALLS = 10


class CountingFaces(face_service_pb2_grpc.FaceServiceServicer):
    """A face server that only counts."""

    def __init__(self):
        self.calls = 0

    async def GetFaceModel(self, request, context):
        self.calls += 1
        return pb.GetFaceModelResponse()

    def add_to(self, server):
        face_service_pb2_grpc.add_FaceServiceServicer_to_server(self, server)


async def until_all_are_connected(face, servers):
    async with asyncio.timeout(20):
        while not all(server.calls for server in servers):
            await face.GetFaceModel(pb.GetFaceModelRequest(), wait_for_ready=True)


async def test_replicas_share_alike_though_their_health_is_asked_between_calls():
    servers = (CountingFaces(), CountingFaces())
    async with AsyncExitStack() as stack:
        ports = [await stack.enter_async_context(serving(s.add_to, port=0)) for s in servers]
        target = "ipv4:" + ",".join(f"127.0.0.1:{port}" for port in ports)
        backends = await stack.enter_async_context(connecting(Settings(face_target=target)))
        await until_all_are_connected(backends.face, servers)
        before = [server.calls for server in servers]
        for _ in range(CALLS):
            await backends.face.GetFaceModel(pb.GetFaceModelRequest())
            assert (await backends.health())["face"] == "SERVING"
    done = [server.calls - then for server, then in zip(servers, before, strict=True)]
    assert done == [CALLS // 2, CALLS // 2]
