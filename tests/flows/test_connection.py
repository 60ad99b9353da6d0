"""A connection that ends and comes back, here or at the vendor, and tokens that end."""

import asyncio
from collections import Counter
from typing import Any

from pydantic import SecretStr

from contracts.messages import Scope
from libs.service.settings import ServiceSettings
from libs.service.tokens import TokenSigner
from libs.testing.builders import contact, invoice, line
from tests.flows.world import World

QUEUED = 200
NOWHERE = Scope(locations=("nowhere",))


async def test_nothing_is_called_after_a_disconnect(world: World) -> None:
    """200 invoices are held for a word that is not mapped when the tenant disconnects. Then it is
    mapped, and all of them are due: the company is not called, though another one of the tenant is
    served meanwhile. Connected again, each of the 200 is there once, and what was published in
    between too."""
    await world.connect(scope=NOWHERE)
    other = world.at(world.company, world.connection)
    await world.connect()
    await world.put(contact("c1"))
    await world.settled("contact", "c1")
    lines = [line("l1", tax_code="EXEMPT")]
    await world.publish([world.event(invoice(f"i{n}", lines)) for n in range(QUEUED)])
    await world.until(lambda: _unmapped(world, QUEUED), "all of them to be held")
    await world.disconnect()
    await world.until(lambda: _is(world, "closed"), "the connector to hear of it")
    calls, refused = len(await world.requests()), await _refused(world)
    await world.map("tax_code", "EXEMPT", "NONE")
    await world.until(lambda: _unmapped(world, 0), "all of them to be due")
    await world.put(contact("c2"))
    await other.settled("contact", "c2")
    assert (len(await world.requests()), await _refused(world)) == (calls, refused)
    await world.connect(world.company, connection=world.connection)
    await world.until(lambda: _bound(world, QUEUED), "all of them to settle")
    await world.settled("contact", "c2")
    there = Counter(i["InvoiceNumber"] for i in await world.live("Invoices"))
    assert there == Counter(f"INV-i{n}" for n in range(QUEUED))


async def test_a_company_connected_again_is_known_again(world: World) -> None:
    """A call is under way when the tenant disconnects. Connected again nothing is created anew:
    what was there is known by its parts, what was under way is found, and what was published
    meanwhile arrives."""
    await world.connect()
    await world.put(contact("c1"))
    await world.put(invoice("i1"))
    before = await world.settled("invoice", "i1")
    await world.fault("hang", method="PUT", path="/Invoices", seconds=1.0, commit=True)
    await world.put(invoice("i2"))
    await world.until(lambda: _sent(world, "i2"), "the call to leave")
    await world.disconnect()
    await world.until(lambda: _is(world, "closed"), "the connector to hear of it")
    await world.put(invoice("i1", due_date="2026-04-20"), 2)
    await world.put(invoice("i3"))
    await world.connect(world.company, connection=world.connection)
    await world.settled("invoice", "i1", 2)
    await asyncio.gather(*(world.settled("invoice", entity) for entity in ("i2", "i3")))
    await world.quiet()
    assert (await world.record("invoice", "i1"))["parts"] == before["parts"]
    there = Counter(i["InvoiceNumber"] for i in await world.live("Invoices"))
    assert there == Counter(["INV-i1", "INV-i2", "INV-i3"])
    assert len(await world.live("Contacts")) == 1


async def test_a_connection_removed_at_the_vendor_is_held_until_it_is_back(world: World) -> None:
    """Somebody takes our access away in Xero's own pages. The connection is held, said so, and not
    called again and again; once it is connected anew it goes on by itself."""
    await world.connect()
    await world.put(contact("c1"))
    await world.settled("contact", "c1")
    await _remove_there(world)
    refused = await _refused(world)
    await world.put(invoice("i1"))
    await world.until(lambda: _held(world, "disconnected"), "the connection to be held")
    await world.put(invoice("i2"))
    await world.filed("invoice", "i2")
    assert await _refused(world) == refused + 1
    await world.connect(world.company, connection=world.connection)
    await asyncio.gather(*(world.settled("invoice", entity) for entity in ("i1", "i2")))
    assert len(await world.live("Invoices")) == 2
    assert await _refused(world) == refused + 1


async def test_an_access_token_that_has_ended_is_renewed(world: World) -> None:
    """Xero's clock has passed the end of the token we hold: one call is answered 401, the token is
    renewed, and the invoice is there without a word to anybody."""
    await world.connect()
    await world.put(contact("c1"))
    await world.settled("contact", "c1")
    clock = f"{world.sandbox}/_control/xero/clock"
    await world.http.post(clock, json={"advance_seconds": 1900})
    try:
        await world.put(invoice("i1"))
        await world.settled("invoice", "i1")
    finally:
        await world.http.post(clock, json={"reset": True})
    assert len(await world.live("Invoices")) == 1
    told = [name for name, _ in await world.events("invoice", "i1")]
    assert told == ["entity.settled"]


async def _refused(world: World) -> int:
    """Calls that were not let in: the sandbox's log knows no company of theirs."""
    url = f"{world.sandbox}/_control/xero/requests"
    log = (await world.http.get(url)).json()
    return len([row for row in log if row["status"] in (401, 403)])


async def _connection(world: World) -> Any:
    found = (await world.status())["connections"]
    return next(c for c in found if c["id"] == world.connection)


async def _is(world: World, state: str) -> bool:
    return bool((await _connection(world))["state"] == state)


async def _held(world: World, reason: str) -> bool:
    return bool((await _connection(world))["hold"] == reason)


async def _lanes(world: World, state: str) -> int:
    rows = (await _connection(world))["lanes_by_type"]
    return sum(row["n"] for row in rows if (row["type"], row["state"]) == ("invoice", state))


async def _unmapped(world: World, count: int) -> bool:
    held = [h for h in (await _connection(world))["held"] if h["reason"] == "unmapped"]
    return len(held) == count


async def _bound(world: World, count: int) -> bool:
    return await _lanes(world, "bound") == count


async def _sent(world: World, entity: str) -> bool:
    calls = (await world.record("invoice", entity)).get("calls", [])
    return any(call["state"] == "open" for call in calls)


async def _remove_there(world: World) -> None:
    """DELETE /connections/{id}, as the vendor's "disconnect" button does."""
    key = SecretStr(world.environment["SERVICE_KEY"])
    signer = TokenSigner.from_settings("tests", ServiceSettings(service_key=key), "xero")
    asked = {"connection": world.connection}
    auth, ledger = world.stack.url("auth"), f"{world.sandbox}/xero/connections"
    answer = await world.http.post(
        f"{auth}/internal/token", json=asked, headers=signer.headers("auth")
    )
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    listed = (await world.http.get(ledger, headers=bearer)).json()
    [link] = [c["id"] for c in listed if c["tenantId"] == world.company]
    removed = await world.http.delete(f"{ledger}/{link}", headers=bearer)
    assert removed.status_code == 204
