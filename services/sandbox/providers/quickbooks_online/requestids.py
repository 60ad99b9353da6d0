"""`requestid`: the first answer to an id is stored and given again."""

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256

from services.sandbox.clock import Clock
from services.sandbox.providers.quickbooks_online.errors import Invalid, too_long

LONGEST = 50
LONGEST_BATCH = 36
LONGEST_BID = 10
"""Of a batch that carries a requestid."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer as it was sent first."""

    status: int
    content: bytes
    content_type: str
    print: str = ""
    until: float = 0


class RequestIds:
    """Answers by (company, requestid), oldest first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._answers: OrderedDict[tuple[str, str], Stored] = OrderedDict()

    def find(self, company: str, key: str, print_: str, *, batch: bool) -> Stored | None:
        """The first answer; raises Invalid (2050, or 600 when the request is another one)."""
        longest = LONGEST_BATCH if batch else LONGEST
        if len(key) > longest:
            raise too_long("requestid", longest, len(key))
        stored = self._answers.get((company, key))
        if stored is None or stored.until <= self._clock.seconds():
            return None
        if stored.print != print_:
            detail = f"Duplicate Request ID : {key} was used with another request."
            raise Invalid("600", "Duplicate Request ID", detail)
        return stored

    def keep(self, company: str, key: str, print_: str, answer: Stored, life: float) -> None:
        """Remember the first answer for so many seconds (how long is UNCONFIRMED)."""
        now = self._clock.seconds()
        kept = Stored(answer.status, answer.content, answer.content_type, print_, now + life)
        self._answers[company, key] = kept
        self._answers.move_to_end((company, key))
        while self._answers and next(iter(self._answers.values())).until <= now:
            self._answers.popitem(last=False)


def fingerprint(path: str, query: dict[str, str], body: bytes) -> str:
    """Equal for the same request."""
    kept = sorted((k, v) for k, v in query.items() if k not in {"requestid", "minorversion"})
    return sha256(b"\0".join([path.encode(), repr(kept).encode(), body])).hexdigest()
