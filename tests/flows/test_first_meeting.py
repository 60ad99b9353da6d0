"""A company that is not empty: what is there is found, joined or asked about, never doubled."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

from contracts.messages import Link
from contracts.values import EntityType
from libs.testing.builders import contact, invoice, item, payment
from tests.flows import acts
from tests.flows.commanded import ledgerbridge
from tests.flows.world import Json, World

AGO = timedelta(hours=2)
SHARED = ("Harbour Joinery c1", "Quay Boats Ltd", "Two Brothers", "Two Brothers South")


async def add(world: World, resource: str, **record: object) -> Json:
    return await world.bookkeeper("add", resource, record=record)


async def full(world: World) -> Json:
    """A company with customers and a product, made before anybody connects it."""
    world.company = await world.new_company()
    for name, more in (
        ("Harbour Joinery c1", {}),
        ("Quay Boats Ltd", {"EmailAddress": "Accounts@Harbour2.example"}),
        ("Two Brothers", {"EmailAddress": "two@brothers.example"}),
        ("Two Brothers South", {"EmailAddress": "two@brothers.example"}),
        ("Only There", {}),
    ):
        await add(world, "Contacts", Name=name, **more)
    await add(world, "Items", Code="CODE-p1", Name="Brass hinge")
    return {c["Name"]: c["ContactID"] for c in (await world.documents())["Contacts"]}


async def test_customers_and_products_that_are_there_are_joined_and_what_is_unclear_is_asked(
    world: World,
) -> None:
    """By name, by e-mail and by code each finds its record and nothing is created again. Two share
    one e-mail address: held with both, and the word of a person joins one. One is new."""
    there = await full(world)
    await world.connect(world.company)
    await world.put(contact("c1", email=""))
    await world.put(contact("c2", name="Quay Boats", email="accounts@harbour2.example"))
    await world.put(contact("c3", name="Brothers", email="two@brothers.example"))
    await world.put(contact("c4", name="Brand New", email="new@new.example"))
    await world.put(item("p1"))
    await asyncio.gather(
        *(world.settled(k, e) for k, e in (("contact", "c1"), ("contact", "c4"), ("item", "p1")))
    )
    assert await _record(world, "contact", "c1") == there["Harbour Joinery c1"]
    lane = await world.held("contact", "c3")
    assert lane["hold"] == "ambiguous"
    for name in ("Two Brothers", "Two Brothers South"):
        assert there[name] in lane["hold_sentence"]
    found = await world.told("contact", "c2", acts.CONFLICT)
    assert [c["path"] for c in found["conflicts"]] == ["name"]
    assert await _record(world, "contact", "c2") == there["Quay Boats Ltd"]
    await world.command(
        Link(
            **acts.order(world),
            type=EntityType.CONTACT,
            entity="c3",
            external=there["Two Brothers South"],
        )
    )
    await world.told("contact", "c3", acts.CONFLICT)
    assert await _record(world, "contact", "c3") == there["Two Brothers South"]
    assert len((await world.documents())["Contacts"]) == 6
    codes = [i["Code"] for i in await world.live("Items")]
    assert codes.count("CODE-p1") == 1


async def test_an_earlier_start_is_previewed_and_creates_only_what_is_not_there(
    world: World,
) -> None:
    """Of three old invoices one is in the ledger, equal, and one has its number with another total.
    The preview says so and writes nothing; the start taken, one is joined, one created, one held
    with the question. The payment of the first is there too, and is not made again."""
    there = await full(world)
    customer = there["Harbour Joinery c1"]
    for number, price in (("INV-i1", "25.00"), ("INV-i2", "99.00")):
        made = await add(world, "Invoices", **_sale(customer, number, price))
        if number == "INV-i1":
            await world.bookkeeper(
                "pay", "Invoices", made["InvoiceID"], amount="100.00", date="2026-03-02"
            )
    await world.put(contact("c1", email=""), made_at=datetime.now(UTC) - AGO)
    for entity in ("i1", "i2", "i3"):
        await world.put(invoice(entity), made_at=datetime.now(UTC) - AGO)
    await world.put(payment(invoice("i1")), made_at=datetime.now(UTC) - AGO)
    await world.connect(world.company)
    start = (datetime.now(UTC) - 2 * AGO).isoformat()
    report = await ledgerbridge(world, "preview", "--from", start, status=3)
    rows = {row["type"]: (row["new"], row["there"], row["ambiguous"]) for row in report["rows"]}
    assert rows["invoice"] == (1, 1, 1), json.dumps(report)
    assert rows["contact"] == (0, 1, 0)
    assert await world.writes() == 0
    declined = await ledgerbridge(world, "start", "--from", start, status=3)
    assert declined["rows"] == report["rows"]
    await ledgerbridge(world, "start", "--from", start, "--yes")
    await asyncio.gather(*(world.settled("invoice", i) for i in ("i1", "i3")))
    lane = await world.held("invoice", "i2")
    assert lane["hold"] == "duplicate-number"
    numbers = sorted(i["InvoiceNumber"] for i in await world.live("Invoices"))
    assert numbers == ["INV-i1", "INV-i2", "INV-i3"]
    await world.settled("payment", "y1")
    assert len(await world.live("Payments")) == 1
    assert len((await world.documents())["Contacts"]) == 5


async def test_the_lists_are_exchanged_once_and_a_second_time_changes_nothing(
    world: World,
) -> None:
    """Customers of both sides, one of them on both: afterwards each side has all of them, once; run
    twice and with everything delivered again it stays so. What is unclear is left."""
    await full(world)
    await acts.post(world, contact("c1", email="").model_dump(mode="json"))
    await acts.post(world, contact("c9", name="Only Here").model_dump(mode="json"))
    await world.connect(world.company)
    for _ in range(2):
        await ledgerbridge(world, "lists", "--type", "contact")
        await world.settled("contact", "c9")
        await acts.caught_up(world)
        names = sorted(c["Name"] for c in await world.live("Contacts"))
        assert names == sorted([*SHARED, "Only There", "Only Here"])
        ours = [c["entity"]["name"] for c in await acts.of_product(world, "contact")]
        assert sorted(ours) == names


async def test_check_says_what_differs_and_whether_to_link_pull_or_push(world: World) -> None:
    """One record through its life: unknown, in the ledger under its number, equal, changed there,
    deleted there; nothing is written by asking."""
    await world.connect()
    await acts.save(world, contact(), invoice())
    same = await ledgerbridge(world, "check", "invoice", "i1")
    assert (same["advice"], same["differences"]) == ("nothing", [])
    unknown = await ledgerbridge(world, "check", "invoice", "i7", status=3)
    assert unknown["advice"] == "push"
    await acts.blind(world)
    one = await acts.the(world, "Invoices")
    writes = await world.writes()
    await world.bookkeeper("edit", "Invoices", one["InvoiceID"], changes={"DueDate": "2026-05-01"})
    changed = await ledgerbridge(world, "check", "invoice", "i1", status=3)
    assert changed["advice"] == "pull"
    [found] = changed["differences"]
    assert (found["path"], found["ledger"], found["touched"]) == (
        "due_date",
        "2026-05-01",
        "ledger",
    )
    customer = (await acts.the(world, "Contacts"))["ContactID"]
    await add(world, "Invoices", **_sale(customer, "INV-i2", "30.00"))
    await world.put(invoice("i2"))
    lane = await world.held("invoice", "i2")
    linked = await ledgerbridge(world, "check", "invoice", "i2", status=3)
    assert linked["advice"] == "link"
    assert linked["candidates"][0] in lane["hold_sentence"]
    await world.bookkeeper("void", "Invoices", one["InvoiceID"])
    await ledgerbridge(world, "check", "invoice", "i1", status=3)
    assert await world.writes() == writes + 1, "only the refused create of i2"


def _sale(customer: str, number: str, price: str) -> dict[str, object]:
    part = {
        "Quantity": "2",
        "UnitAmount": price,
        "AccountCode": "200",
        "TaxType": "ZERORATEDOUTPUT",
    }
    return {
        "Type": "ACCREC",
        "Status": "AUTHORISED",
        "InvoiceNumber": number,
        "Contact": {"ContactID": customer},
        "Date": "2026-03-02",
        "DueDate": "2026-03-30",
        "LineAmountTypes": "Exclusive",
        "LineItems": [{**part, "Description": f"Brass hinge l{n}"} for n in (1, 2)],
    }


async def _record(world: World, kind: str, entity: str) -> str:
    return str((await world.record(kind, entity))["parts"][0]["external_id"])
