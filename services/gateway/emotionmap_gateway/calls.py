"""Writes to a streaming call in a way that tells how the call ended, if it has."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc

STATUS_WAIT_S = 0.05

_LOST = "Internal error from Core"


async def write(call: Any, request: Any) -> None:
    """Write one message; returns once the receiver takes it.

    Raises:
        grpc.aio.AioRpcError: The call has ended with an error.
        asyncio.InvalidStateError: The call has ended without one, though more was to come.
    """
    try:
        await call.write(request)
    except (asyncio.InvalidStateError, grpc.aio.AioRpcError) as error:
        if isinstance(error, grpc.aio.AioRpcError) and not is_lost(error):
            raise
        # grpc.aio knows first that the call is over, and a moment later why.
        await asyncio.sleep(STATUS_WAIT_S)
        code = await call.code()
        if code is grpc.StatusCode.OK:
            raise asyncio.InvalidStateError("the call ended too soon") from error
        raise grpc.aio.AioRpcError(
            code,
            await call.initial_metadata(),
            await call.trailing_metadata(),
            details=await call.details(),
        ) from None


def is_lost(error: grpc.aio.AioRpcError) -> bool:
    """Tell whether grpc.aio put its own failure to write in the place of the server's status.

    Source:
        grpcio 1.85.1, `_AioCall.set_internal_error`.
    """
    return error.code() is grpc.StatusCode.INTERNAL and error.details() == _LOST
