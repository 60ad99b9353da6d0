"""Prometheus metrics: a registry per service and the figures every HTTP service has."""

import time
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


def new_registry() -> CollectorRegistry:
    """A registry with this process's memory, CPU and file descriptors."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return registry


def metrics_page(registry: CollectorRegistry) -> Response:
    """The registry's figures in Prometheus text form."""
    return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})


@dataclass(frozen=True, slots=True)
class HttpFigures:
    """Counts and durations of requests, by route template: a path would be a label per id."""

    requests: Counter
    seconds: Histogram

    @classmethod
    def create(cls, registry: CollectorRegistry) -> "HttpFigures":
        labels = ("method", "route")
        return cls(
            Counter("http_requests", "Requests answered.", (*labels, "status"), registry=registry),
            Histogram(
                "http_request_seconds",
                "Seconds until the answer was sent.",
                labels,
                buckets=BUCKETS,
                registry=registry,
            ),
        )


class MeasureRequests:
    """ASGI middleware that fills `HttpFigures`."""

    def __init__(self, app: ASGIApp, figures: HttpFigures) -> None:
        self._app = app
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = "500"

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        started = time.perf_counter()
        try:
            await self._app(scope, receive, note_status)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            labels = (scope["method"], route)
            self._figures.requests.labels(*labels, status).inc()
            self._figures.seconds.labels(*labels).observe(time.perf_counter() - started)
