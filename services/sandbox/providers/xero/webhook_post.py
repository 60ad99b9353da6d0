"""A webhook on the wire: signed bodies, the handshake, what counts as received."""

import base64
import hashlib
import hmac
import random
import string
from collections import deque
from dataclasses import dataclass, field

import httpx

from services.sandbox.providers.xero.errors import Wire
from services.sandbox.providers.xero.rendering import encoded


@dataclass(slots=True)
class Delivery:
    """One body on its way."""

    body: bytes
    born: float
    due: float
    attempts: int = 0


@dataclass(slots=True)
class Subscription:
    """The app's webhook as the developer portal knows it."""

    url: str
    key: str
    state: str = "active"
    delivered: int = 0
    holding: bool = False
    gathered: list[Wire] = field(default_factory=list)
    waiting: deque[Delivery] = field(default_factory=deque)


async def handshake(client: httpx.AsyncClient, one: Subscription) -> str | None:
    """Intent to receive: several POSTs, some wrongly signed; what is wrong, or None."""
    rights = [True, False, True, False]
    random.shuffle(rights)
    for right in rights:
        body = body_of([], 0, 0)
        key = one.key if right else one.key + "?"
        if complaint := await _posted(client, one.url, body, key, 200 if right else 401):
            return complaint
    return None


async def deliver(client: httpx.AsyncClient, one: Subscription, body: bytes) -> str | None:
    """POST one body; what is wrong with the answer, or None."""
    return await _posted(client, one.url, body, one.key, 200)


async def _posted(
    client: httpx.AsyncClient, url: str, body: bytes, key: str, expected: int
) -> str | None:
    headers = {"content-type": "application/json", "x-xero-signature": _signature(key, body)}
    try:
        answer = await client.post(url, content=body, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"the URL did not answer ({type(error).__name__})"
    if answer.status_code != expected:
        return f"{expected} was expected, {answer.status_code} came"
    if answer.content:
        return "the answer must have no body"
    return "the answer must set no cookies" if "set-cookie" in answer.headers else None


def body_of(events: list[Wire], first: int, last: int) -> bytes:
    """The bytes that are signed and sent."""
    entropy = "".join(random.choices(string.ascii_uppercase, k=20))
    sequence = {"firstEventSequence": first, "lastEventSequence": last}
    return encoded({"events": events, **sequence, "entropy": entropy})


def _signature(key: str, body: bytes) -> str:
    return base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()
