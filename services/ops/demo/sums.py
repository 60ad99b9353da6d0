"""Product and ledger side by side: what each comes to, and every record they disagree on.

Pure: both sides are handed in as the product's API and the vendor's API show them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, NamedTuple

Record = Mapping[str, Any]
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sums:
    """Of one type; void ones count apart. Money is None where the type has none."""

    count: int = 0
    void: int = 0
    net: Decimal | None = None
    tax: Decimal | None = None
    gross: Decimal | None = None
    balance: Decimal | None = None

    def differences(self, other: "Sums") -> list[str]:
        """The names of the figures that differ."""
        names = [one.name for one in fields(self)]
        return [name for name in names if getattr(self, name) != getattr(other, name)]


class Kept(NamedTuple):
    """How the vendor keeps a type."""

    resource: str
    id: str
    number: str
    net: str = ""
    tax: str = ""
    gross: str = ""
    balance: str = ""
    status: str = "Status"
    void: frozenset[str] = frozenset({"VOIDED"})


KEPT = {
    "contact": Kept("Contacts", "ContactID", "Name"),
    "item": Kept("Items", "ItemID", "Code"),
    "invoice": Kept(
        "Invoices", "InvoiceID", "InvoiceNumber", "SubTotal", "TotalTax", "Total", "AmountDue"
    ),
    "credit_note": Kept(
        "CreditNotes", "CreditNoteID", "CreditNoteNumber", "SubTotal", "TotalTax", "Total",
        "RemainingCredit",
    ),
    "payment": Kept("Payments", "PaymentID", "PaymentID", gross="Amount",
                    void=frozenset({"DELETED"})),
}  # fmt: skip
MONEY = ("net", "tax", "gross", "balance")


def ledger_sums(
    documents: Mapping[str, Sequence[Record]], before: Collection[str]
) -> dict[str, Sums]:
    """What the ledger holds of each type, without the records of `before` (by the vendor's id)."""
    return {
        kind: _sums(kept, _living(kept, documents.get(kept.resource, ()), before))
        for kind, kept in KEPT.items()
    }


def product_sums(rows: Iterable[Record]) -> dict[str, Sums]:
    """What the product's summary, a row per type and currency, says of each type."""
    found = {kind: _sums(kept, ()) for kind, kept in KEPT.items()}
    for row in rows:
        if row["type"] in found:
            found[row["type"]] = _plus(found[row["type"]], row)
    return found


def disagreements(
    kind: str, ours: Iterable[Record], documents: Mapping[str, Sequence[Record]]
) -> list[str]:
    """Each document that is on one side only, or comes to another amount there, in a sentence."""
    kept = KEPT[kind]
    here = {one["number"]: _decimal(one["totals"]["gross"]) for one in ours if not _is_void(one)}
    theirs = {
        one[kept.number]: _decimal(one[kept.gross])
        for one in _living(kept, documents[kept.resource], ())
        if one[kept.status] not in kept.void
    }
    word = kind.replace("_", " ").capitalize()
    return [
        f"{word} {number}: {_said(here.get(number))} in the product, "
        f"{_said(theirs.get(number))} in the ledger."
        for number in sorted(here.keys() | theirs.keys())
        if here.get(number) != theirs.get(number)
    ]


def _living(kept: Kept, records: Iterable[Record], before: Collection[str]) -> list[Record]:
    """Those that came since and are not deleted; a deleted payment counts as void."""
    wanted = (one for one in records if one[kept.id] not in before)
    return [one for one in wanted if one.get(kept.status) != "DELETED" or "DELETED" in kept.void]


def _sums(kept: Kept, records: Sequence[Record]) -> Sums:
    live = [one for one in records if one.get(kept.status) not in kept.void]

    def add(name: str) -> Decimal | None:
        field = getattr(kept, name)
        return sum((_decimal(one[field]) or NOTHING for one in live), NOTHING) if field else None

    return Sums(len(live), len(records) - len(live), *map(add, MONEY))


def _plus(sums: Sums, row: Record) -> Sums:
    def add(name: str) -> Decimal | None:
        so_far: Decimal | None = getattr(sums, name)
        return None if so_far is None else so_far + (_decimal(row[name]) or NOTHING)

    return Sums(sums.count + row["count"], sums.void + row["void"], *map(add, MONEY))


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _is_void(entity: Record) -> bool:
    return bool(entity["status"] == "void")


def _said(amount: Decimal | None) -> str:
    return "not there" if amount is None else f"{amount:,.2f}"
