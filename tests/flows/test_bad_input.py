"""Bad input: synced, held with a sentence, or a dead letter; and the next good event goes on."""

import asyncio
import json
import uuid
from decimal import Decimal
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from contracts.entities import Entity
from contracts.messages import DeadLetter
from contracts.topics import (
    COMMANDS,
    INVOICING_EVENTS,
    MAX_EVENT_BYTES,
    event_key,
    webhooks,
)
from libs.testing.builders import contact, credit_note, invoice, line
from tests.flows.counting import buried, caught_up, dead_letters, one_each
from tests.flows.world import World

Headers = list[tuple[str, bytes]]
MANY = 500
LINES = 1_114
"""As many as the longest invoice of the Online Retail data has."""


def envelope(world: World, **more: str | None) -> Headers:
    """The headers of a put of this tenant; `more` replaces attributes, None takes one away."""
    attributes = {
        "specversion": "1.0",
        "id": uuid.uuid4().hex,
        "source": "/flows",
        "type": "entity.put",
        "tenant": world.tenant,
        **more,
    }
    return [(f"ce_{name}", value.encode()) for name, value in attributes.items() if value]


def body(world: World, entity: Entity, **more: Any) -> dict[str, Any]:
    """A put as it travels, to be spoilt."""
    return {**json.loads(world.event(entity).model_dump_json()), **more}


async def publish(world: World, value: bytes, made: Headers, topic: str = "") -> str:
    """Publish bytes under a key nobody else has; the key."""
    key = f"{world.tenant}/bad/{uuid.uuid4().hex}"
    await world.raw(topic or INVOICING_EVENTS.name, key.encode(), value, made)
    return key


async def letter_of(world: World, key: str) -> DeadLetter:
    return await buried(world, lambda letter: letter.key == key, key)


async def goes_on(world: World) -> None:
    """What comes afterwards arrives: on every partition, for nothing is left unread."""
    after = f"i{uuid.uuid4().hex[:6]}"
    await world.put(invoice(after, number=""), included=[(contact("after"), 1)])
    await world.put(invoice(after, number="", customer="after"), revision=2)
    await world.settled("invoice", after, 2)
    await caught_up(world)


def spoilt(world: World) -> dict[str, tuple[bytes, Headers, str, str]]:
    """name -> bytes, headers, the letter's reason, and a word of its sentence."""
    good = body(world, invoice())
    priced = json.loads(json.dumps(good))
    priced["entity"]["lines"][0]["unit_price"] = 25.0
    named = body(world, contact(name="Har@bour"))
    text = json.dumps(named)
    encoded = json.dumps(good).encode()
    plain = envelope(world)
    bad_tenant = [header for header in plain if header[0] != "ce_tenant"]
    return {
        "undecodable": (b"\xff\xfe\x00\x80 no text", plain, "invalid", "JSON"),
        "empty": (b"", plain, "invalid", "JSON"),
        "half": (encoded[: len(encoded) // 2], plain, "invalid", "JSON"),
        "list": (b"[1, 2]", plain, "invalid", "body"),
        "schema": (json.dumps({**good, "colour": "red"}).encode(), plain, "invalid", "colour"),
        "entity": (json.dumps({**good, "entity": {"type": "boat"}}).encode(), plain, "invalid", ""),
        "number": (json.dumps(priced).encode(), plain, "invalid", "unit_price"),
        "nul": (text.replace("@", "\\u0000").encode(), plain, "invalid", "U+0000"),
        "control": (text.replace("@", "\\u0007").encode(), plain, "invalid", "U+0007"),
        "surrogate": (text.replace("@", "\\ud800").encode(), plain, "invalid", "JSON"),
        "revision": (json.dumps({**good, "revision": 2**70}).encode(), plain, "", ""),
        "moment": (
            json.dumps({**good, "made_at": "0001-01-01T00:00:00+14:00"}).encode(), plain, "", "",
        ),
        "no-tenant": (encoded, envelope(world, tenant=None), "envelope", "ce_tenant"),
        "binary-tenant": (encoded, [*bad_tenant, ("ce_tenant", b"\xff")], "envelope", "UTF-8"),
        "nul-tenant": (encoded, envelope(world, tenant="a\0b"), "unstorable", "stored"),
        "no-type": (encoded, envelope(world, type=None), "envelope", "ce_type"),
        "no-headers": (encoded, [], "envelope", "missing"),
        "other-type": (encoded, envelope(world, type="entity.moved"), "unknown-event", "moved"),
        "other-tenant": (
            json.dumps({**good, "tenant": "somebody"}).encode(), plain, "tenant", "tenant",
        ),
    }  # fmt: skip


async def test_what_cannot_be_read_is_a_dead_letter_with_a_sentence(world: World) -> None:
    """Nineteen broken events in a row: a letter for each that says what is wrong and what to do,
    no secret of it, nothing in the ledger, and the next good event is synced."""
    await world.connect()
    keys = {}
    for name, (value, made, reason, word) in spoilt(world).items():
        keys[name] = (await publish(world, value, made), reason, word)
    await goes_on(world)
    letters = {letter.key: letter for letter in await dead_letters(world)}
    for name, (key, reason, word) in keys.items():
        letter = letters[key]
        assert letter.sentence.endswith("."), name
        assert letter.action.endswith("."), name
        assert (letter.reason, word in letter.sentence) == (reason or letter.reason, True), letter
        assert letter.topic == INVOICING_EVENTS.name
    assert len(await world.live("Invoices")) == 1


async def test_an_unknown_tenant_is_skipped_without_a_word(world: World) -> None:
    await world.connect()
    stranger = f"s{uuid.uuid4().hex[:8]}"
    event = body(world, invoice(), tenant=stranger)
    key = await publish(world, json.dumps(event).encode(), envelope(world, tenant=stranger))
    nonsense = await publish(world, b"{", envelope(world, tenant=stranger))
    await goes_on(world)
    assert not {key, nonsense} & {letter.key for letter in await dead_letters(world)}
    assert len(await world.live("Invoices")) == 1


async def test_a_nul_in_one_of_five_hundred_names_leaves_499(world: World) -> None:
    """One batch of one partition; the one that cannot be stored is told, the others arrive."""
    await world.connect()
    made = {f"c{n}": json.dumps(body(world, contact(f"c{n}"))) for n in range(MANY)}
    made["c250"] = made["c250"].replace("Harbour Joinery", "Harbour\\u0000Joinery")
    await _publish_at_once(world, {k: v.encode() for k, v in made.items()})
    await world.until(lambda: _contacts(world, MANY - 1), "499 contacts")
    await caught_up(world)
    await world.quiet()
    names = {record["Name"] for record in (await world.documents())["Contacts"]}
    assert names == {f"Harbour Joinery c{n}" for n in range(MANY) if n != 250}
    letter = await letter_of(world, event_key(world.tenant, contact().type, "c250"))
    assert "name" in letter.sentence


async def _contacts(world: World, wanted: int) -> bool:
    return len(await world.live("Contacts")) >= wanted


async def _publish_at_once(world: World, made: dict[str, bytes]) -> None:
    """Pipelined and to one partition, so that they come as one batch."""
    url = world.environment["KAFKA_URL"]
    async with AIOKafkaProducer(bootstrap_servers=url, linger_ms=200) as producer:
        for entity, value in made.items():
            key = event_key(world.tenant, contact().type, entity).encode()
            await producer.send(
                world.prefix + INVOICING_EVENTS.name,
                value,
                key=key,
                headers=envelope(world),
                partition=0,
            )
        await producer.flush()


@pytest.mark.parametrize("size", [MAX_EVENT_BYTES - 4096, MAX_EVENT_BYTES + 4096])
async def test_ten_megabytes_of_nonsense_are_a_dead_letter(world: World, size: int) -> None:
    await world.connect()
    event = json.dumps(body(world, contact(first_name="@"))).replace("@", "x" * size)
    key = await publish(world, event.encode(), envelope(world))
    letter = await letter_of(world, key)
    assert (letter.reason, letter.size) == ("invalid", len(event))
    assert "first_name" in letter.sentence
    await goes_on(world)


async def test_a_valid_event_of_ten_megabytes_is_told_of_and_the_rest_goes_on(world: World) -> None:
    """Xero takes no body of that size: the invoice is refused in words, its neighbours are not."""
    await world.connect()
    await world.put(contact())
    await world.settled("contact", "c1")
    lines = [line(f"l{n}", description=f"{n} " + "x" * 3_900) for n in range(2_600)]
    await world.put(invoice("i1", lines))
    told = await world.told("invoice", "i1", "entity.rejected")
    assert "too large" in told["sentence"]
    await goes_on(world)


async def test_an_invoice_of_1114_lines_and_lines_of_nothing(world: World) -> None:
    """The longest real invoice, every tenth line free of charge, and one that comes to zero."""
    await world.connect()
    prices = [Decimal(0) if n % 10 == 0 else Decimal(n) / 100 for n in range(LINES)]
    long = [line(f"l{n}", unit_price=price) for n, price in enumerate(prices)]
    nothing = invoice("i2", [line(unit_price=Decimal(0))])
    credit = invoice("i3", [line("l1"), line("l2", quantity=Decimal(-1))])
    await world.put(invoice("i1", long), included=[(contact(), 1)])
    await world.put(nothing)
    await world.put(credit)
    await asyncio.gather(*(world.settled("invoice", one) for one in ("i1", "i2", "i3")))
    await world.quiet()
    there = {one["InvoiceNumber"]: one for one in await world.live("Invoices")}
    totals = {number: Decimal(str(one["Total"])) for number, one in there.items()}
    assert totals == {"INV-i1": 2 * sum(prices), "INV-i2": 0, "INV-i3": 25}
    assert len(there["INV-i1"]["LineItems"]) == LINES


async def test_a_negative_total_is_held_with_what_to_do(world: World) -> None:
    await world.connect()
    below = [line(quantity=Decimal(-2))]
    await world.put(invoice("i1", below), included=[(contact(), 1)])
    await world.put(credit_note("n1", below))
    for kind, entity, advice in (
        ("invoice", "i1", "credit note"),
        ("credit_note", "n1", "Invoice"),
    ):
        held = await world.held(kind, entity)
        assert held["hold"] == "negative"
        assert "-50" in held["hold_sentence"]
        assert advice in held["hold_action"]
    assert await world.live("Invoices") == []
    await goes_on(world)


NAMES = {
    "emoji": "Café 🛠️👩🏽‍🔧 & Söhne",
    "rtl": "נגריית הנמל \u202eLtd\u202c",
    "combining": "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢",
    "markup": '<b>O\'Hara</b> & "Sons" ]]> {{7*7}}',
    "filter": 'Code=="x" or 1==1 %27; drop table --',
    "long": "x" * 255,
    "wide": "𝕳" * 255,
}


async def test_odd_names_arrive_as_they_are(world: World) -> None:
    await world.connect()
    await world.publish(world.event(contact(n, name=name)) for n, name in NAMES.items())
    for entity in NAMES:
        await world.settled("contact", entity)
    await world.quiet()
    names = [record["Name"] for record in (await world.documents())["Contacts"]]
    assert sorted(names) == sorted(NAMES.values())


async def test_garbage_on_the_commands_topic_is_told_of(world: World) -> None:
    """What is no command, or one nobody knows, is a dead letter; the next command is obeyed."""
    await world.connect()
    mapping = {
        "id": uuid.uuid4().hex, "tenant": world.tenant, "connection": world.connection,
        "kind": "tax_code", "local": "5 %", "external": "RRINPUT",
    }  # fmt: skip
    good = json.dumps(mapping).encode()
    named = {name: mapping[name] for name in ("id", "tenant", "connection")}
    moved = {**named, "starts_at": "0001-01-01T00:00:00+14:00"}
    kinds: dict[str, tuple[bytes, Headers]] = {
        "undecodable": (b"\xff\x00", envelope(world, type="command.retry")),
        "schema": (good, envelope(world, type="command.retry")),
        "no-envelope": (good, []),
        "unknown": (good, envelope(world, type="command.dance")),
        "moment": (
            json.dumps(moved).encode(), envelope(world, type="command.move-start"),
        ),
    }  # fmt: skip
    keys = [await publish(world, value, made, COMMANDS.name) for value, made in kinds.values()]
    for key in keys:
        assert (await letter_of(world, key)).topic == COMMANDS.name
    await world.map("tax_code", "twenty", "OUTPUT2")
    await world.put(contact())
    await world.put(invoice("i1", [line(tax_code="twenty", tax_rate=Decimal(20))]))
    await world.settled("invoice", "i1")
    await one_each(world, ["i1"])


async def test_garbage_on_the_webhooks_topic_is_told_of(world: World) -> None:
    """Neither a body nor a key that nobody can read stops the hooks of the others."""
    await world.connect()
    await world.put(contact())
    await world.settled("contact", "c1")
    topic = webhooks(world.provider).name
    made = envelope(world, type="webhook.received")
    hook = {"tenantId": world.company, "eventCategory": "INVOICE", "resourceId": 7}
    late = {**hook, "resourceId": "a", "eventDateUtc": "/Date(99999999999999999999+0000)/"}
    bodies = [b"\xff\x00", b"[]", b'{"events": "none"}', b'{"events": [7]}']
    bodies += [json.dumps({"events": [event]}).encode() for event in (hook, late)]
    for value in bodies:
        await world.raw(topic, world.company.encode(), value, made)
    await world.raw(topic, b"\x00\xff", b'{"events": []}', [])
    hostile = {**hook, "resourceId": "a\0b"}
    await world.raw(topic, world.company.encode(), json.dumps({"events": [hostile]}).encode(), made)
    [there] = await world.live("Contacts")
    await world.bookkeeper("edit", "Contacts", there["ContactID"], changes={"Name": "Quay Ltd"})
    changed = await world.told("contact", "c1", "entity.changed")
    assert changed["after"]["name"] == "Quay Ltd"
    told = [letter for letter in await dead_letters(world) if letter.topic == topic]
    assert len(told) == len(bodies) + 1
    assert all(letter.sentence.endswith(".") and letter.action.endswith(".") for letter in told)
