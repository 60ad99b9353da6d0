"""Serves an application inside the test's own event loop, over real HTTP."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp


@asynccontextmanager
async def serve(app: ASGIApp, port: int = 0) -> AsyncIterator[str]:
    """The base URL of `app` on `port` (0: a free one), from its start to its stop."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        settings = uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
        server = uvicorn.Server(settings)
        serving = asyncio.create_task(server.serve([listener]))
        try:
            await _started(server, serving)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


async def _started(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    async with asyncio.timeout(30):
        while not server.started:
            if serving.done():
                raise RuntimeError("the application did not start; its log says why")
            await asyncio.sleep(0.005)
