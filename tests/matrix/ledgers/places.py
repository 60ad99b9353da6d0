"""Where things are sold, as each ledger keeps it: the bookkeeper's acts, one class per provider."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from tests.flows.world import World
from tests.matrix.ledgers.acting import record_of
from tests.matrix.ledgers.quickbooks_online_seen import SALES

CLASS, JOB = "Class", "GeneralLedger/Job"


class Places(Protocol):
    """A company's places; names are those a person reads there."""

    def __init__(self, world: World) -> None: ...

    async def keep(self, *names: str) -> Mapping[str, str]:
        """The bookkeeper makes these, for lines; name -> how a mapping calls it."""

    async def keep_none(self) -> None:
        """The company has no places from now on: its plan has none, or nobody uses them."""

    async def move(self, number: str, line: int, name: str) -> None:
        """A line of an invoice (from 0) belongs to another place."""


@dataclass(slots=True)
class XeroPlaces:
    """A tracking category."""

    world: World

    async def keep(self, *names: str) -> Mapping[str, str]:
        record = {"Name": "Region", "Options": [{"Name": name} for name in names]}
        made = await self.world.bookkeeper("add", "TrackingCategories", record=record)
        return {option["Name"]: option["TrackingOptionID"] for option in made["Options"]}

    async def keep_none(self) -> None:
        """A company begins without categories."""

    async def move(self, number: str, line: int, name: str) -> None:
        there = await record_of(self.world, "Invoices", InvoiceNumber=number)
        lines = [{"LineItemID": one["LineItemID"]} for one in there["LineItems"]]
        lines[line]["Tracking"] = [{"Name": "Region", "Option": name}]
        changes = {"LineItems": lines}
        await self.world.bookkeeper("edit", "Invoices", there["InvoiceID"], changes=changes)


@dataclass(slots=True)
class QuickBooksPlaces:
    """Classes, which lines have; the plans below Plus have neither classes nor locations."""

    world: World

    async def keep(self, *names: str) -> Mapping[str, str]:
        found = {}
        for name in names:
            made = await self.world.bookkeeper("add", CLASS, record={"Name": name})
            found[name] = f"{CLASS}/{made['Id']}"
        return found

    async def keep_none(self) -> None:
        off = {"ClassTrackingPerTxnLine": False, "TrackDepartments": False}
        changes = {"plan": "Essentials", "AccountingInfoPrefs": off}
        await self.world.bookkeeper("settings", "Preferences", changes=changes)

    async def move(self, number: str, line: int, name: str) -> None:
        there = await record_of(self.world, "Invoice", DocNumber=number)
        to = await record_of(self.world, CLASS, Name=name)
        lines = [one for one in there["Line"] if SALES in one]
        lines[line][SALES]["ClassRef"] = {"value": to["Id"]}
        await self.world.bookkeeper("edit", "Invoice", there["Id"], changes={"Line": lines})


@dataclass(slots=True)
class MyobPlaces:
    """Jobs, which lines have."""

    world: World

    async def keep(self, *names: str) -> Mapping[str, str]:
        found = {}
        for name in names:
            record = {"Number": name, "Name": name, "IsHeader": False}
            made = await self.world.bookkeeper("add", JOB, record=record)
            found[name] = str(made["UID"])
        return found

    async def keep_none(self) -> None:
        """Nobody uses what a company file has of them."""
        there = await self.world.documents()
        for resource in ("GeneralLedger/Category", JOB, "Inventory/Location"):
            for one in there[resource]:
                await self.world.bookkeeper(
                    "edit", resource, one["UID"], changes={"IsActive": False}
                )

    async def move(self, number: str, line: int, name: str) -> None:
        there = await record_of(self.world, "Sale/Invoice", Number=number)
        job = await record_of(self.world, JOB, Number=name)
        there["Lines"][line]["Job"] = {"UID": job["UID"]}
        changes = {"Lines": there["Lines"]}
        await self.world.bookkeeper("edit", "Sale/Invoice", there["UID"], changes=changes)


PLACES: Mapping[str, Callable[[World], Places]] = {
    "xero": XeroPlaces,
    "quickbooks_online": QuickBooksPlaces,
    "myob": MyobPlaces,
}
