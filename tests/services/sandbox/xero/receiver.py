"""A tiny real HTTP endpoint for the vendor's webhooks."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.services.sandbox.server import Json, wait_until

KEY = "a-webhook-key-of-the-app"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST that arrived."""

    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def signed(self) -> bool:
        """`x-xero-signature` = base64(HMAC-SHA256(webhook key, raw body bytes)), section 9."""
        mac = hmac.new(KEY.encode(), self.raw, hashlib.sha256).digest()
        return self.headers.get("x-xero-signature") == base64.b64encode(mac).decode()


@dataclass(frozen=True, slots=True)
class Reply:
    """What the endpoint answers."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def obey(delivery: Delivery) -> Reply:
    """200 to a right signature and 401 to a wrong one, empty body, no cookies."""
    return Reply(200 if delivery.signed else 401)


class Receiver:
    """Keeps what arrived and answers by `rule`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.rule: Callable[[Delivery], Reply] = obey
        self.deliveries: list[Delivery] = []

    def events(self, resource: str | None = None) -> list[Json]:
        """Every event of every rightly signed delivery, of one record if asked."""
        told = [e for d in list(self.deliveries) if d.signed for e in d.body["events"]]
        return [e for e in told if resource in (None, e["resourceId"])]

    def wait(self, count: int, resource: str | None = None) -> list[Json]:
        """The events of a record once there are at least `count`."""
        wait_until(lambda: len(self.events(resource)) >= count)
        return self.events(resource)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Serve the endpoint on a free port until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_address[1]}/hook")
    server.RequestHandlerClass = _handler(receiver)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            delivery = Delivery(headers, raw)
            reply = receiver.rule(delivery)
            receiver.deliveries.append(delivery)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_request(self, code: Any = "-", size: Any = "-") -> None:
            """Say nothing on standard error."""

    return Handler
