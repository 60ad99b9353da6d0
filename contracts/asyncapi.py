"""The AsyncAPI 3.0 document: topics, their keys and headers, who sends and who receives."""

from collections.abc import Iterable
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any, Literal

from contracts.messages import ACCOUNTING, ALL, COMMANDS, INVOICING, Connection, DeadLetter
from contracts.topics import (
    ACCOUNTING_EVENTS,
    CONNECTIONS,
    DEAD_LETTERS,
    INVOICING_EVENTS,
    Topic,
    webhooks,
)
from contracts.topics import (
    COMMANDS as COMMANDS_TOPIC,
)

WEBHOOK = "webhook.received"
CLOUDEVENTS: dict[str, tuple[str, bool]] = {
    "ce_specversion": ("Always 1.0.", True),
    "ce_id": ("The same whenever the same event is sent again.", True),
    "ce_source": ("Who made the event.", True),
    "ce_type": ("Which message it is.", True),
    "ce_time": ("When it happened, RFC 3339, UTC.", False),
    "ce_tenant": ("Whose it is; lets a consumer skip the body.", False),
    "ce_connection": ("The connection it belongs to.", False),
    "ce_provider": ("The provider's id.", False),
    "content-type": ("application/json.", False),
}
INFO = {
    "title": "Ledgerbridge",
    "version": "1.0.0",
    "description": "Two-way sync of an invoicing product and the ledgers its tenants use."
    " CloudEvents 1.0, Kafka protocol binding, binary mode: attributes are ce_* headers, the value"
    " is the JSON data. A consumer ignores fields it does not know.",
    "license": {"name": "Apache-2.0"},
}


@dataclass(frozen=True, slots=True)
class Channel:
    """A topic with what stands on it; the actions are those of Ledgerbridge's services."""

    id: str
    topic: Topic
    summary: str
    key: str
    messages: tuple[str, ...]
    actions: tuple[Literal["send", "receive"], ...]


def _events(messages: Iterable[Any]) -> tuple[str, ...]:
    return tuple(message.EVENT for message in messages)


CHANNELS = (
    Channel(
        "invoicingEvents",
        INVOICING_EVENTS,
        "From the invoicing product to every connector.",
        "tenant/type/id of the entity",
        _events(INVOICING),
        ("receive",),
    ),
    Channel(
        "accountingEvents",
        ACCOUNTING_EVENTS,
        "From the connectors to the invoicing product and the portal.",
        "connection/type/id of the entity, or connection/kind/id where it is about none",
        _events(ACCOUNTING),
        ("send", "receive"),
    ),
    Channel(
        "connections",
        CONNECTIONS,
        "From auth to connectors, gateway and portal.",
        "id of the connection",
        (Connection.EVENT,),
        ("send", "receive"),
    ),
    Channel(
        "commands",
        COMMANDS_TOPIC,
        "From portal and operators to the connectors.",
        "id of the connection",
        _events(COMMANDS),
        ("send", "receive"),
    ),
    Channel(
        "webhooks",
        webhooks("{provider}"),
        "From the webhook gateway to the provider's connector.",
        "the provider's id of the company",
        (WEBHOOK,),
        ("send", "receive"),
    ),
    Channel(
        "deadLetters",
        DEAD_LETTERS,
        "From any consumer to whoever looks after it.",
        "as the message came",
        (DeadLetter.EVENT,),
        ("send",),
    ),
)


def document() -> dict[str, Any]:
    """The whole document as plain data."""
    return {
        "asyncapi": "3.0.0",
        "info": INFO,
        "defaultContentType": "application/json",
        "channels": {channel.id: _channel(channel) for channel in CHANNELS},
        "operations": {
            f"{action}{channel.id[0].upper()}{channel.id[1:]}": _operation(channel, action)
            for channel in CHANNELS
            for action in channel.actions
        },
        "components": {
            "messages": {
                event: _message(event, channel)
                for channel in CHANNELS
                for event in channel.messages
            },
            "schemas": {"cloudEventHeaders": _headers()},
        },
    }


def _channel(channel: Channel) -> dict[str, Any]:
    described = {
        "address": channel.topic.name,
        "summary": channel.summary,
        "messages": {
            event: {"$ref": f"#/components/messages/{event}"} for event in channel.messages
        },
        "bindings": {"kafka": _topic(channel.topic)},
    }
    if "{provider}" in channel.topic.name:
        described["parameters"] = {"provider": {"description": "The provider's id, say xero."}}
    return described


def _topic(topic: Topic) -> dict[str, Any]:
    settings: dict[str, Any] = {
        name: int(value) if value.isdigit() else value for name, value in topic.config.items()
    }
    if policy := settings.get("cleanup.policy"):
        settings["cleanup.policy"] = policy.split(",")
    return {"partitions": topic.partitions, "topicConfiguration": settings}


def _operation(channel: Channel, action: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel.id}"},
        "summary": channel.summary,
    }


def _message(event: str, channel: Channel) -> dict[str, Any]:
    return {
        "name": event,
        "summary": _summary(event),
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/cloudEventHeaders"},
        "payload": _payload(event),
        "bindings": {"kafka": {"key": {"type": "string", "description": channel.key}}},
    }


def _summary(event: str) -> str:
    if event == WEBHOOK:
        return "The provider's raw body, a hint that something changed; never data."
    return cleandoc(ALL[event].__doc__ or "").splitlines()[0]


def _payload(event: str) -> dict[str, Any]:
    if event == WEBHOOK:
        return {"description": "As the provider sent it, byte for byte."}
    return {"$ref": f"./schemas/{event}.json"}


def _headers() -> dict[str, Any]:
    return {
        "type": "object",
        "required": [name for name, (_, required) in CLOUDEVENTS.items() if required],
        "properties": {
            name: {"type": "string", "description": meaning}
            for name, (meaning, _) in CLOUDEVENTS.items()
        },
    }
