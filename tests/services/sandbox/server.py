"""Run the sandbox as a real HTTP server on a free port of this machine, and steer it."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import uvicorn

from services.sandbox.app import create_app

Json = dict[str, Any]


class Sandbox:
    """The control API of one running sandbox, as one provider sees it."""

    def __init__(self, origin: str, provider: str = "xero") -> None:
        self.origin = origin
        self.root = f"{origin}/{provider}"
        self.raw = httpx.Client(timeout=20, verify=False)  # plain HTTP: no certificates to load
        self.http = httpx.Client(base_url=f"{origin}/_control/{provider}", timeout=20, verify=False)

    def control(self, method: str, path: str, body: Json | None = None, **kwargs: Any) -> Any:
        """Call the control API and return its JSON (None when it has no body)."""
        answer = self.http.request(method, path, json=body, **kwargs)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def company(self, **fields: Any) -> Json:
        """A new company of its own for one test."""
        wanted = {"name": f"Kauri Print {uuid4().hex[:8]}", "currency": "NZD", "country": "NZ"}
        made: Json = self.control("POST", "/companies", wanted | fields)
        return made

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock forward."""
        self.control("POST", "/clock", {"advance_seconds": seconds})

    def fault(self, fault: str, **fields: Any) -> Json:
        """Arm a fault switch."""
        armed: Json = self.control("POST", "/faults", {"fault": fault} | fields)
        return armed

    def requests(self, company: str, **params: Any) -> list[Json]:
        """The request log of one company."""
        log: list[Json] = self.control("GET", "/requests", params={"company": company} | params)
        return log

    def documents(self, company: str) -> Any:
        """Every record of a company by resource, voided and deleted ones too."""
        return self.control("GET", f"/companies/{company}/documents")

    def bookkeeper(self, company: str, do: str, **fields: Any) -> Json:
        """Act as a person in the vendor's own application."""
        done: Json = self.control("POST", f"/companies/{company}/bookkeeper", {"do": do} | fields)
        return done

    def calm(self) -> None:
        """Clock back to now, nothing armed, nobody subscribed."""
        self.control("POST", "/clock", {"reset": True})
        self.control("DELETE", "/faults")
        self.http.request("DELETE", "/webhook")


@contextmanager
def running(*, limits: bool, provider: str = "xero") -> Iterator[Sandbox]:
    """Serve one provider's sandbox of its own until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        create_app([provider], limits=limits), log_level="critical", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    wait_until(lambda: server.started or not thread.is_alive())
    assert server.started, "the sandbox did not start"
    sandbox = Sandbox(f"http://127.0.0.1:{listener.getsockname()[1]}", provider)
    try:
        yield sandbox
    finally:
        sandbox.http.close()
        sandbox.raw.close()
        server.should_exit = True
        thread.join(10)
        listener.close()


def wait_until(condition: Any, seconds: float = 10) -> Any:
    """Wait for a condition with a bound; return what it returned, fail when it never holds."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
    return found
