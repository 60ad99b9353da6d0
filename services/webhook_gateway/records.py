"""The messages a webhook becomes: its body once per company, or a dead letter with a sentence."""

import base64
import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import datetime

from contracts import topics
from contracts.messages import DeadLetter
from libs.messaging import cloudevents
from libs.messaging.cloudevents import Headers
from libs.messaging.publisher import Outgoing
from services.webhook_gateway.companies import Unreadable, named_companies

SOURCE = "/webhook_gateway"
EVENT = "webhook.received"
HEAD = 64 * 1024
UNREADABLE = "A signed webhook of {provider} is not JSON: nobody can tell which company it means."
NAMELESS = "A signed webhook of {provider} has a part that names no company at {path}."
TOO_LARGE = "Kafka refuses a webhook body of {size} bytes as too large."
LOOK = "Compare the body with the provider's documentation, then mend company_path in its TOML."
RAISE = "Raise max.message.bytes of the topic; the next sweep finds what this webhook told of."


@dataclass(frozen=True, slots=True)
class Received:
    """A webhook whose signature was right, and when it came."""

    provider: str
    company_paths: tuple[str, ...]
    body: bytes = field(repr=False)
    at: datetime

    def messages(self) -> tuple[Outgoing, ...]:
        """What is to be kept of it before the provider is answered; nothing of a handshake."""
        try:
            named = named_companies(self.body, self.company_paths)
        except Unreadable:
            return (self._dead("unreadable", UNREADABLE.format(provider=self.provider)),)
        notices = map(self._notice, named.companies)
        if not named.nameless:
            return tuple(notices)
        path = " or ".join(self.company_paths)
        nameless = NAMELESS.format(provider=self.provider, path=path)
        return (*notices, self._dead("no-company", nameless))

    def _notice(self, company: str) -> Outgoing:
        headers = self._headers(EVENT, company, company=company)
        topic = topics.webhooks(self.provider).name
        return Outgoing(topic, company, self.body, tuple(headers))

    def _dead(self, reason: str, sentence: str) -> Outgoing:
        topic = topics.webhooks(self.provider).name
        letter = _letter(topic, "", self.body, reason, sentence, LOOK)
        return _dead(self.provider, letter, self._headers(DeadLetter.EVENT, f"/{reason}"))

    def _headers(self, event: str, part: str, **more: str) -> Headers:
        # The vendor repeats what was not answered and the spool what Kafka took late: the same
        # body has the same id each time, by which consumers drop the repeat.
        same = f"{self.provider}/{part}/{hashlib.sha256(self.body).hexdigest()}"
        return cloudevents.headers(
            event,
            source=SOURCE,
            id=str(uuid.uuid5(uuid.NAMESPACE_URL, same)),
            time=self.at,
            provider=self.provider,
            **more,
        )


def too_large(message: Outgoing) -> Outgoing:
    """The dead letter of a message Kafka will never take: the spool must not wait for it."""
    body = message.value or b""
    sentence = TOO_LARGE.format(size=len(body))
    letter = _letter(message.topic, message.key, body, "too-large", sentence, RAISE)
    headers = dict(message.headers)
    dead_id = uuid.uuid5(uuid.NAMESPACE_URL, f"{headers['ce_id'].decode()}/too-large")
    changed = {"ce_id": str(dead_id).encode(), "ce_type": DeadLetter.EVENT.encode()}
    return _dead(message.key, letter, list({**headers, **changed}.items()))


def _dead(key: str, letter: DeadLetter, headers: Headers) -> Outgoing:
    value = letter.model_dump_json().encode()
    return Outgoing(topics.DEAD_LETTERS.name, key, value, tuple(headers))


def _letter(
    topic: str, key: str, body: bytes, reason: str, sentence: str, action: str
) -> DeadLetter:
    return DeadLetter(
        topic=topic,
        partition=0,  # it never had a place in that topic
        offset=0,
        key=key,
        event=EVENT,
        consumer="webhook_gateway",
        reason=reason,
        sentence=sentence,
        action=action,
        size=len(body),
        head=base64.b64encode(body[:HEAD]).decode(),
    )
