"""The three ledgers: the company that is made, and its documents as the vendor's API shows them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.flows.world import World
from tests.matrix.ledgers.myob_seen import ACCOUNTS

Json = Any
PAGE = 1000


@dataclass(frozen=True, slots=True)
class Shown:
    """A document there; of a credit note the amounts are positive."""

    kind: str
    id: str
    number: str
    who: str
    day: str
    lines: int
    net: Decimal
    tax: Decimal
    alive: bool = True

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class Ledger:
    """What differs by vendor. `most_lines`: of a document, None where no limit is documented."""

    currency: str
    country: str
    receivable: str
    resources: tuple[str, ...]
    people: tuple[str, str]
    """Their resource, and the field of its id."""
    items: str
    shown: Callable[[str, Json, Mapping[str, str]], Shown | None]
    person: Callable[[Json], tuple[str, str]]
    item: Callable[[Json], str]
    mappings: Mapping[str, str] = field(default_factory=dict)
    habits: Mapping[str, Any] = field(default_factory=dict)
    most_lines: int | None = None
    taxes: Callable[[World], Any] | None = None
    """What a person has to add to the company first."""


async def pages(world: World, resource: str) -> list[Json]:
    """Every record of a resource; a page at a time, for they are hundreds of megabytes."""
    url = f"{world.control}/companies/{world.company}/documents"
    found: list[Json] = []
    while True:
        asked: dict[str, str | int] = {"resource": resource, "skip": len(found), "take": PAGE}
        answer = await world.http.get(url, params=asked)
        answer.raise_for_status()
        page = answer.json()[resource]
        found += page
        if len(page) < PAGE:
            return found


async def documents(world: World, ledger: Ledger) -> tuple[list[Shown], list[str], list[str]]:
    """Every document, and the names of the people and the codes of the items that live."""
    resource, key = ledger.people
    everybody = await pages(world, resource)
    names = {str(one[key]): ledger.person(one)[0] for one in everybody}
    people = [name for name, state in map(ledger.person, everybody) if state]
    items = [ledger.item(one) for one in await pages(world, ledger.items)]
    found = []
    for kind in ledger.resources:
        for raw in await pages(world, kind):
            one = ledger.shown(kind, raw, names)
            found += [one] if one else []
    return found, people, items


def _xero(resource: str, raw: Json, _: Mapping[str, str]) -> Shown | None:
    sale = raw["Type"] in {"ACCREC", "ACCRECCREDIT"}
    credit = resource == "CreditNotes"
    number = "CreditNoteNumber" if credit else "InvoiceNumber"
    return Shown(
        "credit_note" if credit else "invoice",
        raw["CreditNoteID" if credit else "InvoiceID"],
        raw[number],
        raw["Contact"]["Name"],
        raw["DateString"][:10],
        len(raw["LineItems"]),
        _amount(raw["SubTotal"]),
        _amount(raw["TotalTax"]),
        sale and raw["Status"] not in {"DELETED", "VOIDED"},
    )


def _quickbooks(resource: str, raw: Json, names: Mapping[str, str]) -> Shown | None:
    gross, tax = _amount(raw["TotalAmt"]), _amount((raw.get("TxnTaxDetail") or {}).get("TotalTax"))
    void = not gross and str(raw.get("PrivateNote") or "").startswith("Voided")
    return Shown(
        "credit_note" if resource == "CreditMemo" else "invoice",
        raw["Id"],
        raw.get("DocNumber") or "",
        names[raw["CustomerRef"]["value"]],
        raw["TxnDate"],
        sum(line["DetailType"] != "SubTotalLineDetail" for line in raw["Line"]),
        gross - tax,
        tax,
        not void and raw.get("status") != "Deleted",
    )


def _myob(_: str, raw: Json, __: Mapping[str, str]) -> Shown | None:
    gross, tax = _amount(raw["TotalAmount"]), _amount(raw["TotalTax"])
    credit = gross < 0
    return Shown(
        "credit_note" if credit else "invoice",
        raw["UID"],
        raw["Number"],
        raw["Customer"]["Name"],
        raw["Date"][:10],
        len(raw["Lines"]),
        abs(gross - tax),
        abs(tax),
    )


async def _vat(world: World) -> None:
    """MYOB has no country with 20 %; a person may add the code to the file."""
    found = await pages(world, ACCOUNTS)
    uids = {one["Name"]: one["UID"] for one in found}
    code = {
        "Code": "VAT",
        "Description": "VAT 20 %",
        "Type": "GST_VAT",
        "Rate": 20,
        "TaxCollectedAccount": {"UID": uids["GST Collected"]},
        "TaxPaidAccount": {"UID": uids["GST Paid"]},
    }
    await world.bookkeeper("add", "GeneralLedger/TaxCode", record=code)


def _amount(value: object) -> Decimal:
    return Decimal(str(value or 0))


LEDGERS: Mapping[str, Ledger] = {
    "xero": Ledger(
        "GBP",
        "GB",
        "Accounts Receivable",
        ("Invoices", "CreditNotes"),
        ("Contacts", "ContactID"),
        "Items",
        _xero,
        lambda raw: (raw["Name"], raw["ContactStatus"] == "ACTIVE"),
        lambda raw: str(raw["Code"]),
    ),
    "quickbooks_online": Ledger(
        "GBP",
        "GB",
        "Accounts Receivable (A/R)",
        ("Invoice", "CreditMemo"),
        ("Customer", "Id"),
        "Item",
        _quickbooks,
        lambda raw: (raw["DisplayName"], raw["Active"]),
        lambda raw: str(raw.get("Sku") or ""),
        most_lines=750,
    ),
    "myob": Ledger(
        "AUD",
        "AU",
        "Trade Debtors",
        ("Sale/Invoice",),
        ("Contact/Customer", "UID"),
        "Inventory/Item",
        _myob,
        lambda raw: (raw["CompanyName"], raw["IsActive"]),
        lambda raw: str(raw["Number"]),
        mappings={"tax_code/0 %": "FRE", "tax_code/rounding": "code"},
        habits={"tax_by_code": True},
        taxes=_vat,
    ),
}
