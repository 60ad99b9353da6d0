"""A TCP proxy of a test in front of a server: the network that is cut, hangs, and heals."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit, urlunsplit

CHUNK = 64 * 1024
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(slots=True)
class Proxy:
    """Forwards to `target`, a `(host, port)` or the path of a Unix socket; use `proxy()`.

    Kafka advertises its own address, so clients leave a proxy in front of it.
    """

    target: tuple[str, int] | str
    port: int = 0
    _server: asyncio.Server | None = None
    _flowing: asyncio.Event = field(default_factory=asyncio.Event)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def heal(self) -> None:
        """Accept connections, at the same port each time, and let what hung flow on."""
        self._flowing.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Refuse connections and abort those that are open, hanging ones too."""
        self._flowing.set()
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._open:
            writer.transport.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def hang(self) -> None:
        """Keep every connection and accept new ones, but let nothing through."""
        self._flowing.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            server = await self._connect()
        except OSError:
            writer.transport.abort()
            return
        for pair in ((reader, server[1]), (server[0], writer)):
            task = asyncio.create_task(self._forward(*pair))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _connect(self) -> Streams:
        if isinstance(self.target, str):
            return await asyncio.open_unix_connection(self.target)
        return await asyncio.open_connection(*self.target)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
        self._open.discard(writer)
        writer.close()


@asynccontextmanager
async def proxy(target: tuple[str, int] | str) -> AsyncIterator[Proxy]:
    """A proxy that lets everything through until it is told otherwise."""
    between = Proxy(target)
    await between.heal()
    try:
        yield between
    finally:
        await between.cut()


def postgres_target(url: str) -> tuple[str, int] | str:
    """Where the server of a PostgreSQL URL listens."""
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [""])[0] or parts.hostname or "127.0.0.1"
    port = parts.port or 5432
    return f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port)


def postgres_through(url: str, between: Proxy) -> str:
    """The same database reached through the proxy."""
    parts = urlsplit(url)
    user = parts.netloc.rpartition("@")[0].removesuffix(":")
    return urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{between.port}", query=""))
