"""Locations of the product are options of Xero's tracking categories."""

import asyncio
from decimal import Decimal

from contracts.messages import EntityChanged
from libs.testing.builders import contact, invoice, line
from tests.flows import acts, xero_books
from tests.flows.world import Json, World

LINES = (line("l1"), line("l2", location="hill"), line("l3", quantity=Decimal(1)))


async def test_two_locations_on_one_invoice_there_and_back(world: World) -> None:
    """The company is asked what a location is; then the header's is that of every line without
    one; the bookkeeper moves a line, and names an option that means nothing here."""
    company = await world.new_company()
    options = await _options(world.at(company, ""), "Region", ("North", "South", "West"))
    await world.connect(company)
    await acts.save(world, contact())
    await world.put(invoice(lines=LINES, location="harbour"))
    held = await world.held("invoice", "i1")
    assert held["hold"] == "unmapped"
    assert "ledgerbridge map tracking" in held["hold_action"]
    assert "Region: North" in held["hold_sentence"]
    await world.map("tracking", "harbour", options["North"])
    await world.map("tracking", "hill", "Region/South")
    await acts.save(world, invoice("i2", lines=LINES, location="harbour"))
    await world.settled("invoice", "i1")
    there = await acts.the(world, "Invoices", InvoiceNumber="INV-i2")
    assert _chosen(there) == ["North", "South", "North"]
    await xero_books.nothing_more(world)
    assert await acts.changed(world, "invoice", "i2") == []
    await xero_books.put(world, "invoice", "i2", location="hill")
    there = await acts.the(world, "Invoices", InvoiceNumber="INV-i2")
    assert _chosen(there) == ["South", "South", "South"]
    moved = acts.lines_with(
        there,
        lambda three: [
            {**three[0], "Tracking": [{"Name": "Region", "Option": "North"}]},
            three[1],
            {**three[2], "Tracking": [{"Name": "Region", "Option": "West"}]},
        ],
    )
    await world.bookkeeper("edit", "Invoices", there["InvoiceID"], changes=moved)
    back = await acts.comes_back(world, "invoice", "i2", 2)
    assert _places(back) == ["harbour", "hill", None]
    [unknown] = back.after.lines[2].tracking  # type: ignore[union-attr]
    assert unknown.option == options["West"]
    await xero_books.nothing_more(world)


def _places(event: EntityChanged) -> list[str | None]:
    return [one.location for one in event.after.lines]  # type: ignore[union-attr]


def _chosen(there: Json) -> list[str]:
    return [one["Tracking"][0]["Option"] for one in there["LineItems"]]


async def _options(world: World, name: str, options: tuple[str, ...]) -> dict[str, str]:
    """A category with these options; option -> its id."""
    async with xero_books.user(world) as user:

        def make() -> dict[str, str]:
            [made] = user.call("PUT", "/TrackingCategories", json={"Name": name})[
                "TrackingCategories"
            ]
            path = f"/TrackingCategories/{made['TrackingCategoryID']}/Options"
            found = {}
            for option in options:
                [one] = user.call("PUT", path, json={"Name": option})["Options"]
                found[option] = one["TrackingOptionID"]
            return found

        return await asyncio.to_thread(make)
