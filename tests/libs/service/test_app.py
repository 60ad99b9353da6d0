"""The application factory over real HTTP: probes, resources, limits, figures."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx
import pytest
import structlog
from fastapi import FastAPI, Request, Response

from libs.service import app as module
from libs.service.app import NotReadyYet, create_service, empty, read_body
from libs.testing.serving import serve


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


async def test_live_and_openapi(http: httpx.AsyncClient) -> None:
    async with serve(create_service("Probe")) as url:
        assert (await http.get(f"{url}/live")).json() == {"status": "live"}
        described = (await http.get(f"{url}/openapi.json")).json()
        assert described["info"]["title"] == "Probe"
        assert {"/live", "/ready", "/metrics"} <= set(described["paths"])


async def test_resources_open_in_order_and_close_in_reverse(http: httpx.AsyncClient) -> None:
    seen: list[str] = []

    def resource(name: str) -> module.Resource:
        @asynccontextmanager
        async def opened(app: FastAPI) -> AsyncIterator[None]:
            seen.append(f"+{name}")
            yield
            seen.append(f"-{name}")

        return opened

    async with serve(create_service("Probe", resources=[resource("a"), resource("b")])) as url:
        await http.get(f"{url}/live")
        assert seen == ["+a", "+b"]
    assert seen == ["+a", "+b", "-b", "-a"]


async def test_ready_names_every_check(http: httpx.AsyncClient) -> None:
    broken = asyncio.Event()

    async def kafka(app: FastAPI) -> None:
        if broken.is_set():
            raise ConnectionRefusedError("postgresql://u:hunter2@db")

    async def company(app: FastAPI) -> None:
        if broken.is_set():
            raise NotReadyYet("the log is being read")

    app = create_service("Probe", checks={"kafka": kafka, "company": company})
    async with serve(app) as url:
        answer = await http.get(f"{url}/ready")
        assert (answer.status_code, answer.json()["status"]) == (200, "ready")
        broken.set()
        answer = await http.get(f"{url}/ready")
        assert answer.status_code == 503
        assert answer.json()["checks"] == {
            "kafka": "ConnectionRefusedError",
            "company": "the log is being read",
        }


async def test_a_check_that_hangs_is_not_ready(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHECK_LIMIT", 0.05)

    async def hangs(app: FastAPI) -> None:
        await asyncio.Event().wait()

    async with serve(create_service("Probe", checks={"kafka": hangs})) as url:
        answer = await http.get(f"{url}/ready")
        assert answer.json()["checks"] == {"kafka": "TimeoutError"}


def _with_body(limit: int) -> FastAPI:
    app = create_service("Probe")

    @app.post("/in")
    async def take(request: Request) -> Response:
        body = await read_body(request, limit)
        return empty(200, {"x-length": str(len(body))})

    return app


async def test_a_body_up_to_the_limit_comes_whole_and_the_answer_is_empty(
    http: httpx.AsyncClient,
) -> None:
    async with serve(_with_body(10)) as url:
        answer = await http.post(f"{url}/in", content=b"\x00" * 10)
        assert answer.headers["x-length"] == "10"
        assert answer.headers["content-length"] == "0"
        assert "transfer-encoding" not in answer.headers
        assert "server" not in answer.headers
        assert answer.content == b""


async def test_a_larger_body_is_refused_announced_or_not(http: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield b"12345"

    async with serve(_with_body(10)) as url:
        assert (await http.post(f"{url}/in", content=b"x" * 11)).status_code == 413
        assert (await http.post(f"{url}/in", content=chunks())).status_code == 413


async def test_an_announced_body_is_refused_before_it_is_read() -> None:
    async with serve(_with_body(10)) as url:
        port = urlsplit(url).port
        reader, writer = await asyncio.open_connection("127.0.0.1", port, family=socket.AF_INET)
        writer.write(b"POST /in HTTP/1.1\r\nhost: x\r\ncontent-length: 99999\r\n\r\n")
        async with asyncio.timeout(5):
            assert b" 413 " in await reader.readline()
        writer.close()
        await writer.wait_closed()


async def test_requests_are_counted_by_route_not_by_path(http: httpx.AsyncClient) -> None:
    app = create_service("Probe")

    @app.get("/things/{name}")
    async def thing(name: str) -> str:
        return name

    async with serve(app) as url:
        await http.get(f"{url}/things/one")
        await http.get(f"{url}/things/two")
        await http.get(f"{url}/nowhere")
        page = (await http.get(f"{url}/metrics")).text
    counted = 'http_requests_total{method="GET",route="/things/{name}",status="200"} 2.0'
    assert counted in page
    assert 'route="none",status="404"} 1.0' in page
    assert "process_resident_memory_bytes" in page


async def test_the_correlation_id_is_kept_or_made(http: httpx.AsyncClient) -> None:
    app = create_service("Probe")

    @app.get("/id")
    async def seen(request: Request) -> dict[str, str]:
        bound = structlog.contextvars.get_contextvars()["correlation_id"]
        return {"state": request.state.correlation_id, "log": bound}

    async with serve(app) as url:
        answer = await http.get(f"{url}/id", headers={"x-request-id": "abc-1"})
        assert answer.json() == {"state": "abc-1", "log": "abc-1"}
        assert answer.headers["x-request-id"] == "abc-1"
        made = await http.get(f"{url}/id", headers={"x-request-id": "a b<script>"})
        assert made.headers["x-request-id"] == made.json()["state"] != "a b<script>"
