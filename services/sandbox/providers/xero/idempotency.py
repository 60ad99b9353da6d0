"""Idempotency keys: the first answer, an error too, is replayed for about six minutes."""

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256

from services.sandbox.clock import Clock
from services.sandbox.providers.xero.errors import key_misused

LIFE = 360.0
LONGEST = 128
METHODS = frozenset({"PUT", "POST", "PATCH"})


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer as it was sent first."""

    status: int
    content: bytes
    content_type: str
    print: str = ""
    until: float = 0


class Idempotency:
    """Answers by (app, tenant, key), oldest first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._answers: OrderedDict[tuple[str, str, str], Stored] = OrderedDict()

    def find(self, app: str, tenant: str, key: str, fingerprint: str) -> Stored | None:
        """The first answer to that key; raises Refused (400) when the key is misused."""
        if len(key) > LONGEST:
            raise key_misused(f"Idempotency Key exceeds the maximum length of {LONGEST}")
        self._forget()
        stored = self._answers.get((app, tenant, key))
        if stored is not None and stored.until <= self._clock.seconds():
            return None
        if stored is not None and stored.print != fingerprint:
            raise key_misused(f"Idempotency Key: {key} is used with a different request.")
        return stored

    def keep(self, app: str, tenant: str, key: str, fingerprint: str, answer: Stored) -> None:
        """Remember the first answer."""
        until = self._clock.seconds() + LIFE
        kept = Stored(answer.status, answer.content, answer.content_type, fingerprint, until)
        self._answers[app, tenant, key] = kept

    def _forget(self) -> None:
        now = self._clock.seconds()
        while self._answers and next(iter(self._answers.values())).until <= now:
            self._answers.popitem(last=False)


def fingerprint(method: str, path: str, query: str, body: bytes) -> str:
    """Equal for the same request."""
    return sha256(b"\0".join([method.encode(), path.encode(), query.encode(), body])).hexdigest()
