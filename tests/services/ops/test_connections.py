"""`connect`, `status`, `retry`, `map` and `disconnect` with the real auth and the sandbox."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from contracts.messages import ALL, Message, Retry, SetMapping
from contracts.topics import COMMANDS
from libs.devstack.process import DevstackError, free_port
from libs.service.secrets import new_key_ring
from libs.service.tokens import new_service_key, public_keys
from libs.testing.stack import ServiceStarter
from services.ops import connections
from tests.services.ops.commanded import answered, header, ledgerbridge, log

SERVICE_KEY = new_service_key("test")
LINK_KEY = "a link key that is long enough for the test"

Operator = Mapping[str, str]


@pytest.fixture
async def stack(
    operator: Operator,
    service_environment: dict[str, str],
    start_service: ServiceStarter,
    monkeypatch: pytest.MonkeyPatch,
) -> Operator:
    """A sandbox and auth as processes, and an environment that leads to them."""
    sandbox = await start_service("sandbox")
    port = free_port()
    shared = {
        "LINK_KEY": LINK_KEY,
        "AUTH_URL": f"http://127.0.0.1:{port}",
        "SANDBOX_URL": sandbox.url,
        "SERVICE_PUBLIC_KEYS": public_keys(SERVICE_KEY),
    }
    own = {"PUBLIC_URL": shared["AUTH_URL"], "VAULT_KEYS": new_key_ring("k1")}
    await start_service("auth", service_environment | shared | own, port)
    mine = shared | {
        "SERVICE_KEY": SERVICE_KEY,
        "CONNECTORS": json.dumps({"xero": "http://127.0.0.1:1"}),
    }
    for name, value in mine.items():
        monkeypatch.setenv(name, value)
    return {**operator, **mine}


async def connect(*arguments: object) -> Any:
    return answered(await ledgerbridge("connect", "xero", "--auto", "--json", *arguments))


async def commands(stack: Operator) -> list[Message]:
    found = await log(stack["KAFKA_URL"], stack["TOPIC_PREFIX"], COMMANDS.name)
    return [ALL[header(one, "ce_type")].model_validate_json(one.value or b"") for one in found]


async def test_a_connection_from_its_opening_to_its_end(stack: Operator) -> None:
    opened = await connect("--tenant", "acme", "--location", "north", "--starts-at", "2026-01-01")
    assert (opened["tenant"], opened["state"]) == ("acme", "open")
    assert opened["scope"]["locations"] == ["north"]
    assert opened["starts_at"] == "2026-01-01T00:00:00Z"

    (shown,) = answered(await ledgerbridge("status", "--tenant", "acme", "--json"))["connections"]
    assert shown["id"] == opened["id"]
    assert "connectors does not answer" in shown["sync"]["unknown"]
    table = await ledgerbridge("status", "--tenant", "acme")
    assert "connectors does not answer" in table.stdout

    answered(await ledgerbridge("retry", "--tenant", "acme", "--json"))
    one = ("--type", "invoice", "--id", "i1")
    answered(await ledgerbridge("retry", "--tenant", "acme", *one, "--json"))
    answered(await ledgerbridge("map", "line_kind", "labour", "200", "--tenant", "acme", "--json"))
    every, single, mapping = await commands(stack)
    assert isinstance(every, Retry)
    assert (every.connection, every.type, every.entity) == (opened["id"], None, None)
    assert isinstance(single, Retry)
    assert (single.type, single.entity) == ("invoice", "i1")
    assert isinstance(mapping, SetMapping)
    assert (mapping.kind, mapping.local, mapping.external) == ("line_kind", "labour", "200")

    ended = answered(await ledgerbridge("disconnect", "--tenant", "acme", "--json"))
    assert ended["connection"]["state"] == "closed"
    again = await ledgerbridge("disconnect", "--tenant", "acme")
    assert isinstance(again.exception, DevstackError)
    assert "acme has no connection" in str(again.exception)


async def test_choices_and_orders_reach_the_connector(stack: Operator) -> None:
    opened = await connect()
    words = (
        ("policy", "--collisions", "prefix", "--prefix", "X-", "--trigger", "daily@22:30"),
        ("policy", "--direction", "item=pull", "--direction", "invoice=push", "--trigger", "4h"),
        ("sync-now", "--batch", "b1"),
        ("link", "invoice", "i1", "ext-1"),
        ("lists", "--type", "item", "--no-into"),
    )
    for one in words:
        answered(await ledgerbridge(*one, "--json"))
    found = [m.model_dump(mode="json", exclude_defaults=True) for m in await commands(stack)]
    assert {one.pop("connection") for one in found} == {opened["id"]}
    assert [{k: v for k, v in one.items() if k not in ("id", "tenant")} for one in found] == [
        {"collisions": "prefix", "prefix": "X-", "trigger": "daily", "daily_at": "22:30"},
        {
            "directions": {"item": "pull", "invoice": "push"},
            "trigger": "hours",
            "every_hours": 4,
        },
        {"batch": "b1"},
        {"type": "invoice", "entity": "i1", "external": "ext-1"},
        {"types": ["item"], "into": False},
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("policy",),
        ("policy", "--direction", "invoice=up"),
        ("policy", "--direction", "colour=push"),
        ("policy", "--trigger", "sometimes"),
        ("policy", "--trigger", "0h"),
        ("sync-now", "--type", "invoice"),
        ("sync-now", "--type", "invoice", "--id", "i1", "--batch", "b1"),
        ("preview", "--from", "yesterday"),
        ("connect", "xero", "--from", "2026-01-01", "--starts-at", "2026-01-01"),
    ],
)
async def test_wrong_usage_is_said_before_anything_is_sent(words: tuple[str, ...]) -> None:
    assert (await ledgerbridge(*words)).exit_code == 2


async def test_a_question_nobody_answers_ends_with_a_sentence(stack: Operator) -> None:
    await connect()
    said = await ledgerbridge("check", "invoice", "i1", "--wait", "0.2")
    assert isinstance(said.exception, DevstackError)
    assert "has not answered within" in str(said.exception)


async def test_of_several_connections_one_has_to_be_named(stack: Operator) -> None:
    first = await connect("--location", "north")
    second = await connect("--location", "south")
    assert first["company"] != second["company"]
    vague = await ledgerbridge("retry")
    assert isinstance(vague.exception, DevstackError)
    assert first["id"] in str(vague.exception)
    answered(await ledgerbridge("retry", "--connection", second["id"], "--json"))
    (command,) = await commands(stack)
    assert isinstance(command, Retry)
    assert command.connection == second["id"]


async def test_nobody_connects_in_time(stack: Operator) -> None:
    said = await ledgerbridge("connect", "xero", "--wait", "0.1")
    assert "/connect/xero?link=" in said.stderr
    assert isinstance(said.exception, DevstackError)
    assert "Nobody has connected xero" in str(said.exception)


async def test_an_unknown_provider_is_wrong_usage(operator: Operator) -> None:
    said = await ledgerbridge("connect", "acme")
    assert said.exit_code == 2
    assert "known are" in said.stderr


async def test_auth_that_is_down_is_a_sentence(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTH_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("SERVICE_KEY", SERVICE_KEY)
    said = await ledgerbridge("status")
    assert isinstance(said.exception, DevstackError)
    assert str(said.exception).startswith("auth does not answer at http://127.0.0.1:1")
    monkeypatch.delenv("SERVICE_KEY")
    said = await ledgerbridge("status")
    assert "SERVICE_KEY is not set" in str(said.exception)


@pytest.mark.parametrize(
    "command",
    [
        *("publish", "replay", "connect", "disconnect", "status", "retry", "map", "policy"),
        *("sync-now", "lists", "link", "resolve", "recreate", "preview", "check", "start"),
    ],
)
async def test_help_has_an_example_and_json(command: str) -> None:
    said = await ledgerbridge(command, "--help")
    assert f"Example: ledgerbridge {command}" in said.stdout
    assert "--json" in said.stdout


def test_what_is_held_for_one_reason_is_one_line() -> None:
    held = [
        {"type": "invoice", "id": str(n), "sentence": "No tax code.", "action": "Map it."}
        for n in range(3)
    ]
    other = {"type": "item", "id": "a", "sentence": "Too long.", "action": ""}
    assert connections.grouped([*held, other]) == [
        "invoice 0 and 2 more: No tax code. Map it.",
        "item a: Too long.",
    ]
