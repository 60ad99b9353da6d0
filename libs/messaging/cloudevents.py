"""CloudEvents 1.0, Kafka protocol binding, binary mode: attributes are `ce_*` headers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Self

from contracts.messages import Message

Headers = list[tuple[str, bytes]]
SPEC_VERSION = "1.0"
JSON = "application/json"
PREFIX = "ce_"
REQUIRED = ("specversion", "id", "source", "type")
KNOWN = (*REQUIRED, "time", "tenant")


class BadEnvelope(ValueError):
    """The headers are not those of a CloudEvent; the message is a sentence for a person."""


def headers(
    message: Message | str,
    *,
    source: str,
    id: str,  # noqa: A002 - the attribute's own name in CloudEvents
    time: datetime,
    tenant: str = "",
    content_type: str = JSON,
    **extensions: str | None,
) -> Headers:
    """The headers of a message, or of a raw body whose `ce_type` is given instead.

    `time` must have a time zone and travels as UTC. Extensions without a value are left out.
    """
    attributes = {
        "specversion": SPEC_VERSION,
        "id": id,
        "source": source,
        "type": message if isinstance(message, str) else message.EVENT,
        "time": _rfc3339(time),
        "tenant": tenant,
        **extensions,
    }
    named = [(PREFIX + name, value.encode()) for name, value in attributes.items() if value]
    return [*named, ("content-type", content_type.encode())]


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the headers say of an event, without its body."""

    type: str
    id: str
    source: str
    tenant: str
    time: datetime | None
    extensions: Mapping[str, str]

    @classmethod
    def of(cls, headers: Iterable[tuple[str, bytes | None]]) -> Self:
        """Read from Kafka headers; other headers than `ce_*` are ignored, whatever they hold.

        Raises `BadEnvelope` when a `ce_*` header is not UTF-8, a required one is missing, or one
        has a value that CloudEvents does not allow.
        """
        attributes = dict(_attributes(headers))
        for name in REQUIRED:
            if not attributes.get(name):
                raise BadEnvelope(f"The header {PREFIX}{name} is missing; CloudEvents requires it.")
        if attributes["specversion"] != SPEC_VERSION:
            raise BadEnvelope(f"The header {PREFIX}specversion must be {SPEC_VERSION}.")
        extensions = {name: value for name, value in attributes.items() if name not in KNOWN}
        return cls(
            type=attributes["type"],
            id=attributes["id"],
            source=attributes["source"],
            tenant=attributes.get("tenant", ""),
            time=_time(attributes.get("time")),
            extensions=MappingProxyType(extensions),
        )


def _attributes(headers: Iterable[tuple[str, bytes | None]]) -> Iterable[tuple[str, str]]:
    for name, value in headers:
        if not name.startswith(PREFIX) or value is None:
            continue
        try:
            yield name.removeprefix(PREFIX), value.decode()
        except UnicodeDecodeError:
            raise BadEnvelope(f"The header {name} is not UTF-8 text.") from None


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise BadEnvelope(
            f"The header {PREFIX}time must be RFC 3339 with a time zone, like 2026-01-31T12:00:00Z."
        )
    return time.astimezone(UTC)


def _rfc3339(time: datetime) -> str:
    if time.tzinfo is None:
        raise ValueError("an event's time needs a time zone")
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
