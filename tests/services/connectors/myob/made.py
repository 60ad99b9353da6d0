"""Entities of the flows, in Australian dollars with 10 % tax."""

from datetime import date
from decimal import Decimal
from typing import Any

from contracts.entities import Allocation, Bill, CreditNote, Invoice, PurchaseOrder
from libs.connector.money import totals_of
from libs.testing import builders
from tests.services.connectors.myob.drive import Drive

DAY = date(2026, 3, 2)
GST = Decimal(10)


def line(entity: str = "l1", **fields: Any) -> Any:
    return builders.line(entity, **{"tax_rate": GST, "item": "p1"} | fields)


def invoice(entity: str, *lines: Any, **fields: Any) -> Invoice:
    return builders.invoice(entity, lines or (line(),), currency="AUD", **fields)


def note(*lines: Any, **fields: Any) -> CreditNote:
    return builders.credit_note("n1", lines or (line(),), currency="AUD", **fields)


def shares(*pairs: tuple[str, str], kind: str = "invoice") -> tuple[Allocation, ...]:
    return tuple(
        Allocation.model_validate({"document": d, "document_type": kind, "amount": Decimal(a)})
        for d, a in pairs
    )


def bought(kind: type[Bill | PurchaseOrder], entity: str, *lines: Any, **fields: Any) -> Any:
    chosen = lines or (line(),)
    default = {
        "id": entity,
        "number": f"S-{entity}",
        "supplier": "c2",
        "issue_date": DAY,
        "currency": "AUD",
        "lines": chosen,
        "totals": totals_of(chosen, "exclusive"),
    }
    return kind.model_validate(default | fields)


async def start(drive: Drive) -> None:
    await drive.put(builders.contact("c1"))
    await drive.put(builders.contact("c2", customer=False, supplier=True))
    await drive.put(builders.item("p1", purchase_account="5-5100"))
