"""What was mapped and changes in the ledger: one alert that names the fix, then all goes on."""

from typing import Any

from contracts.messages import MappingAlert
from contracts.topics import ACCOUNTING_EVENTS
from libs.messaging.cloudevents import Envelope
from libs.messaging.logs import LogReader
from libs.messaging.topics import Names
from libs.testing.builders import contact, invoice
from tests.flows import acts
from tests.flows.test_mappings import obey
from tests.flows.world import World


async def alerts(world: World) -> list[MappingAlert]:
    """Every alert of the connection so far."""
    reader = LogReader(world.environment["KAFKA_URL"], Names(world.prefix))
    found: list[MappingAlert] = []

    async def keep(records: Any) -> None:
        for record in records:
            if Envelope.of(record.headers).type == MappingAlert.EVENT:
                found.append(MappingAlert.model_validate_json(record.value))

    topic = ACCOUNTING_EVENTS.name
    await reader.read(topic, await reader.bounds(topic), keep)
    return [one for one in found if one.connection == world.connection]


async def one_alert(world: World) -> MappingAlert:
    await world.until(lambda: alerts(world), "an alert")
    [alert] = await alerts(world)
    return alert


async def test_an_archived_account_raises_one_alert_and_its_fix_lets_all_go_on(
    world: World,
) -> None:
    """The account of parts is archived in the ledger. Before the next run one alert names account
    and fix; its invoices are held with it, however often the company is read. Restored there, they
    go on by themselves."""
    await world.connect()
    await acts.save(world, contact(), invoice("i0"))
    account = (await acts.the(world, "Invoices"))["LineItems"][0]["AccountCode"]
    await world.map("line_kind", "part", account)
    await world.bookkeeper("archive_account", "Accounts", account)
    await acts.sync(world)
    alert = await one_alert(world)
    assert account in alert.sentence
    for word in ("part", "labour", "fee", "other"):
        assert f"ledgerbridge map line_kind '{word}'" in alert.action
    writes = await world.writes()
    for entity in ("i1", "i2"):
        await world.put(invoice(entity))
        lane = await world.held("invoice", entity)
        assert (lane["hold"], lane["hold_sentence"]) == ("mapping-broken", alert.sentence)
    await acts.sync(world)
    await world.quiet()
    assert await world.writes() == writes
    assert len(await alerts(world)) == 1
    await obey(world, lane["hold_action"].partition(" chooses")[0], "260")
    for entity in ("i1", "i2"):
        await world.settled("invoice", entity)
    assert len(await alerts(world)) == 1


async def test_an_archived_customer_raises_one_alert_and_is_waited_for(world: World) -> None:
    """The customer is archived there: one alert, his invoice is held. Restored, it goes on."""
    await world.connect()
    await world.put(contact())
    await world.settled("contact", "c1")
    there = await acts.the(world, "Contacts")
    await world.bookkeeper("archive", "Contacts", there["ContactID"])
    alert = await one_alert(world)
    assert "Harbour Joinery c1" in alert.sentence
    assert "Restore" in alert.action
    await world.put(invoice())
    await world.held("invoice", "i1")
    await world.bookkeeper("unarchive", "Contacts", there["ContactID"])
    await world.settled("invoice", "i1")
    assert len(await alerts(world)) == 1
