"""The application factory: resources in the lifespan, probes and metrics on every service."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

import structlog
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.service.metrics import HttpFigures, MeasureRequests, metrics_page, new_registry

Resource = Callable[[FastAPI], AbstractAsyncContextManager[object]]
Check = Callable[[FastAPI], Awaitable[object]]
CHECK_LIMIT = 2.0

log = structlog.get_logger()


class NotReadyYet(Exception):
    """Raised by a readiness check; the message is shown to whoever asks, so no secrets in it."""


def create_service(
    title: str,
    *,
    resources: Sequence[Resource] = (),
    checks: Mapping[str, Check] | None = None,
    registry: CollectorRegistry | None = None,
) -> FastAPI:
    """A FastAPI application with `/live`, `/ready` and `/metrics`.

    `resources` are entered in order when it starts and left in reverse order when it stops; each
    is given the application and puts what it opened on `app.state`. A check is not ready when it
    raises, or takes longer than two seconds. `app.state.registry` takes the service's own metrics.
    """
    registry = registry or new_registry()
    app = FastAPI(title=title, version="1", lifespan=_lifespan(resources))
    app.state.registry = registry
    app.add_middleware(MeasureRequests, figures=HttpFigures.create(registry))
    app.add_middleware(CorrelateRequests)
    _add_probes(app, checks or {})
    return app


async def read_body(request: Request, limit: int) -> bytes:
    """The raw body; answers 413 as soon as more than `limit` bytes are announced or have come."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise HTTPException(413, f"The body is larger than {limit} bytes.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise HTTPException(413, f"The body is larger than {limit} bytes.")
    return bytes(body)


def empty(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """An answer without a body that says so (`content-length: 0`)."""
    return Response(status_code=status, headers={"content-length": "0", **(headers or {})})


class CorrelateRequests:
    """ASGI middleware: the request's `x-request-id`, or a new one, in every log line and answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        correlation = _correlation_id(dict(scope["headers"]).get(b"x-request-id", b""))
        scope.setdefault("state", {})["correlation_id"] = correlation

        async def name_it(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message.get("headers", ()),
                    (b"x-request-id", correlation.encode()),
                ]
            await send(message)

        with structlog.contextvars.bound_contextvars(correlation_id=correlation):
            await self._app(scope, receive, name_it)


def _correlation_id(sent: bytes) -> str:
    if 0 < len(sent) <= 64 and sent.replace(b"-", b"").isalnum():
        return sent.decode()
    return uuid.uuid4().hex


def _lifespan(
    resources: Sequence[Resource],
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for resource in resources:
                await stack.enter_async_context(resource(app))
            log.info("service.started", title=app.title)
            yield
        log.info("service.stopped", title=app.title)

    return lifespan


def _add_probes(app: FastAPI, checks: Mapping[str, Check]) -> None:
    @app.get("/live", tags=["probes"])
    async def live() -> dict[str, str]:
        """The process answers."""
        return {"status": "live"}

    @app.get("/ready", tags=["probes"])
    async def ready() -> JSONResponse:
        """200 when every check passes, else 503; each check by name."""
        results = await _run_checks(app, checks)
        fine = all(result == "ok" for result in results.values())
        return JSONResponse(
            {"status": "ready" if fine else "not ready", "checks": results}, 200 if fine else 503
        )

    @app.get("/metrics", tags=["probes"])
    async def metrics() -> Response:
        """Prometheus text form."""
        return metrics_page(app.state.registry)


async def _run_checks(app: FastAPI, checks: Mapping[str, Check]) -> dict[str, str]:
    async def bounded(check: Check) -> object:
        async with asyncio.timeout(CHECK_LIMIT):
            return await check(app)

    outcomes = await asyncio.gather(
        *(bounded(check) for check in checks.values()), return_exceptions=True
    )
    return {name: _sentence(outcome) for name, outcome in zip(checks, outcomes, strict=True)}


def _sentence(outcome: object) -> str:
    if isinstance(outcome, NotReadyYet):
        return str(outcome)
    if isinstance(outcome, BaseException):
        # Other messages may hold addresses or credentials.
        return type(outcome).__name__
    return "ok"
