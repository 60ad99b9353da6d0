"""A tiny real HTTP endpoint for Intuit's webhooks."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.services.sandbox.server import Json, wait_until

KEY = "vt-0123456789abcdef"


def signature(raw: bytes) -> str:
    """base64(HMAC-SHA256(raw body, verifier token)), dossier section 9."""
    return base64.b64encode(hmac.new(KEY.encode(), raw, hashlib.sha256).digest()).decode()


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST that arrived."""

    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def events(self) -> list[tuple[str, str, str, str]]:
        """(realm, entity, id, operation) of either format, all lower-case."""
        if isinstance(self.body, list):
            told = []
            for one in self.body:
                entity, operation = one["type"].split(".")[1:3]
                told.append((one["intuitaccountid"], entity, one["intuitentityid"], operation))
            return told
        return [
            (note["realmId"], e["name"].lower(), e["id"], e["operation"].lower())
            for note in self.body["eventNotifications"]
            for e in note["dataChangeEvent"]["entities"]
        ]


class Receiver:
    """Keeps what arrived and answers `status`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.status = 200
        self.deliveries: list[Delivery] = []

    def subscribe(self, sandbox: Any, **more: str) -> Json:
        """Set in the developer portal."""
        state: Json = sandbox.control("POST", "/webhook", {"url": self.url, "key": KEY} | more)
        return state

    @property
    def events(self) -> list[tuple[str, str, str, str]]:
        """Every event so far."""
        return [event for delivery in list(self.deliveries) for event in delivery.events]

    def wait(self, *wanted: tuple[str, ...]) -> list[tuple[str, str, str, str]]:
        """Until all of these (entity, id, operation) have arrived."""
        wait_until(lambda: set(wanted) <= {event[1:] for event in self.events})
        return self.events


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
            receiver.deliveries.append(Delivery(headers, raw))
            self.send_response(receiver.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_request(self, code: Any = "-", size: Any = "-") -> None:
            """Say nothing on standard error."""

    return Handler
