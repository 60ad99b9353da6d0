"""Cutting a connection: how a lost answer looks to the client."""

import asyncio
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

CUT = "sandbox.cut"


class ConnectionCutError(ConnectionError):
    """Raised to a caller in the same process, who has no socket that could be closed."""


class Cuttable:
    """ASGI middleware, outermost: puts a way to drop the client's socket into the scope."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            # uvicorn hands over a bound method of the object that holds the socket.
            scope[CUT] = getattr(getattr(send, "__self__", None), "transport", None)
        await self._app(scope, receive, send)


async def cut(scope: Scope) -> None:
    """Drop the client's connection without an answer."""
    transport: Any = scope.get(CUT)
    if transport is None:
        raise ConnectionCutError("The sandbox cut the connection.")
    transport.abort()
    # uvicorn must learn of the loss before the application returns, or it would answer 500.
    for _ in range(3):
        await asyncio.sleep(0)
