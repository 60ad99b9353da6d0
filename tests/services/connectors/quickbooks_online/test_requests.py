"""Every write as it travels: golden files, their keys held against the vendor's own schema.

REGOLD=1 writes them anew; look at what changed.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from defusedxml.ElementTree import parse

from contracts.entities import Address, Allocation, Bill, Payment, PurchaseOrder, Refund
from libs.connector.interface import Context, Verb, Write
from libs.connector.money import totals_of
from libs.testing import builders
from tests.services.connectors.quickbooks_online import around, samples
from tests.services.connectors.quickbooks_online.around import QBO, create, invoice, line, update

GOLDEN = Path(__file__).parent / "golden"
US, ABROAD = around.context(), around.context(around.ABROAD)
VOID, DELETE = Verb.VOID, Verb.DELETE
CLIENT = builders.contact(
    "c1",
    name="  Rata:  Café 🍵 ",
    phone="+64 9 123 4567",
    tax_number="GB123",
    attributes={"since": "2019"},
    addresses=(
        Address(kind="billing", lines="1 Quay St\nLevel 2\nRear\nDoor\nBell\nLoud", country="GB"),
    ),
)
SOLD = {
    "Id": "1",
    "LineNum": 1,
    "Amount": 100,
    "DetailType": "SalesItemLineDetail",
    "SalesItemLineDetail": {
        "ItemRef": {"value": "p1"},
        "Qty": 2,
        "UnitPrice": 50,
        "ServiceDate": "2026-02-28",
        "ItemAccountRef": {"value": "79"},
        "TaxCodeRef": {"value": "TAX"},
    },
}
DISCOUNT = {
    "Id": "2",
    "Amount": 5,
    "DetailType": "DiscountLineDetail",
    "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 5},
}
SUBTOTAL = {"Amount": 95, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
THERE = {
    "Invoice": {
        "Id": "58",
        "SyncToken": "7",
        "PrivateNote": f"Job: old\ncall them first\n{around.MARKER}",
        "Line": [SOLD, DISCOUNT, SUBTOTAL],
    }
}
EDITED = invoice(
    (
        line("l1", item="p1"),
        line("l2", quantity=Decimal(1), unit_price=Decimal(-5), tax_rate=Decimal(0)),
        line("l3", discount_percent=Decimal(10)),
    ),
    job="Kitchen",
)
KNOWN: dict[str, Any] = {"raw": THERE, "lines": {"l1": "1", "l2": "2"}}
FOREIGN_LINES = (line(tax_rate=Decimal(20)), line("l2", tax_rate=Decimal(0)))
FOREIGN = invoice(
    FOREIGN_LINES,
    currency="EUR",
    exchange_rate=Decimal("0.853"),
    tax_mode="inclusive",
    location="north",
)
NOTE = builders.credit_note(
    "n1", (line(),), currency="USD", invoice="i7", job="Kitchen", note="Sorry"
)
APPLIED = NOTE.model_copy(
    update={"allocations": (Allocation(document="145", amount=Decimal("20.00")),)}
)
SETTLED = {
    "CreditMemo": {"Id": "58", "SyncToken": "1"},
    "Payments": [
        {
            "Id": "77",
            "SyncToken": "2",
            "TotalAmt": Decimal(0),
            "Line": [
                {"Amount": Decimal(20), "LinkedTxn": [{"TxnId": "145", "TxnType": "Invoice"}]},
                {"Amount": Decimal(20), "LinkedTxn": [{"TxnId": "58", "TxnType": "CreditMemo"}]},
            ],
        }
    ],
}
BOUGHT = samples.bought("USD")
ORDER = next(one for one in BOUGHT if isinstance(one, PurchaseOrder))
BILL = next(one for one in BOUGHT if isinstance(one, Bill))
OUT = next(one for one in BOUGHT if isinstance(one, Payment))
IN = Payment(
    id="y1",
    contact="c1",
    date=samples.DAY,
    amount=Decimal("150.00"),
    currency="USD",
    reference="A reference of more than 21 characters",
    allocations=(
        Allocation(document="145", amount=Decimal("100.00")),
        Allocation(document="149", amount=Decimal("30.00")),
    ),
)
REFUND = Refund(
    id="r1",
    contact="c1",
    date=samples.DAY,
    amount=Decimal("12.50"),
    currency="USD",
)
ITEM = builders.item(purchase_price=Decimal("4.00"), name="Hinge")
SUPPLIER = CLIENT.model_copy(update={"customer": False, "supplier": True})
BOTH = CLIENT.model_copy(update={"supplier": True})
TWO: dict[str, Any] = {
    "record": "Customer/58",
    "parts": ("Vendor/60",),
    "raw": {
        "Customer": {
            "Id": "58",
            "SyncToken": "4",
            "Notes": f"[since] 2018\nbad payer\n{around.MARKER}",
            "BillAddr": {"Id": "9", "Line1": "x", "Country": "England", "Note": "kept"},
        },
        "Vendor": {"Id": "60", "SyncToken": "1", "Notes": f"ls-{around.MARKER[3:]}"},
    },
}
WRITES: dict[str, tuple[Sequence[Write], Context]] = {
    "contact_create": ([create(CLIENT)], US),
    "contact_create_supplier": ([create(SUPPLIER)], US),
    "contact_create_child": ([create(CLIENT.model_copy(update={"parent": "c9"}))], US),
    "contact_second_record": ([update(BOTH, "supplier", record="Customer/58")], US),
    "contact_update_both": (
        [update(BOTH, "email", "attributes.since", "addresses.billing.lines", **TWO)],
        US,
    ),
    "contact_role_taken": ([update(CLIENT, "supplier", **TWO)], US),
    "contact_archive": ([update(BOTH, verb=DELETE, **TWO)], US),
    "contact_bulk": ([create(CLIENT), create(builders.contact("c2"))], US),
    "item_create": ([create(ITEM)], US),
    "item_update": ([update(ITEM, "description", "unit_price")], US),
    "item_archive": ([update(ITEM, verb=DELETE)], US),
    "invoice_create": ([create(invoice(job="Kitchen", note="Hi", link="https://p.example/1"))], US),
    "invoice_create_long_number": ([create(invoice(number="INV-2026-0000000000001"))], US),
    "invoice_create_automated": ([create(invoice())], around.context(around.AUTOMATED)),
    "invoice_create_foreign": ([create(FOREIGN)], ABROAD),
    "invoice_create_bulk": ([create(invoice()), create(invoice(number="INV-2"))], US),
    "invoice_update_job": ([update(EDITED, "job", **KNOWN)], US),
    "invoice_update_lines": ([update(EDITED, "lines.l3.quantity", **KNOWN)], US),
    "invoice_update_a_known_line": (
        [update(EDITED, "lines.l1.description", **KNOWN)],
        US,
    ),
    "invoice_void": ([update(invoice(), verb=VOID)], US),
    "invoice_delete": ([update(invoice(), verb=DELETE)], US),
    "invoice_void_bulk": ([update(invoice(), verb=VOID), update(invoice(), verb=VOID)], US),
    "credit_note_create": ([create(NOTE)], US),
    "credit_note_apply": (
        [update(APPLIED, "allocations.145.amount", raw={"CreditMemo": {}, "Payments": []})],
        US,
    ),
    "credit_note_take_back": ([update(NOTE, "allocations.145.amount", raw=SETTLED)], US),
    "credit_note_delete": ([update(NOTE, verb=VOID)], US),
    "payment_create": ([create(IN)], US),
    "payment_move": (
        [update(IN, "allocations.149.amount", record="Payment/91", parts=())],
        US,
    ),
    "payment_update_reference": ([update(IN, "reference", record="Payment/91")], US),
    "payment_void": ([update(IN, verb=VOID, record="Payment/91")], US),
    "payment_void_bulk": ([update(IN, verb=VOID, record=f"Payment/{n}") for n in (91, 92)], US),
    "bill_payment_create": ([create(OUT)], US),
    "bill_payment_by_card": ([create(OUT.model_copy(update={"method": "card"}))], US),
    "payment_delete": ([update(IN, verb=DELETE, record="Payment/91")], US),
    "bill_payment_void": ([update(OUT, verb=VOID, record="BillPayment/91")], US),
    "refund_create": ([create(REFUND)], US),
    "refund_delete": ([update(REFUND, verb=DELETE)], US),
    "purchase_order_create": ([create(ORDER)], US),
    "purchase_order_close": ([update(ORDER.model_copy(update={"closed": True}), "closed")], US),
    "bill_create": ([create(BILL)], US),
    "bill_create_abroad": (
        [create(BILL.model_copy(update={"currency": "GBP", "purchase_orders": ("o1", "o2")}))],
        ABROAD,
    ),
    "bill_delete": ([update(BILL, verb=DELETE)], US),
}


def travelling(writes: Sequence[Write], context: Context) -> dict[str, Any]:
    request = QBO.request(writes, context)
    query = f"?{urlencode(request.params)}" if request.params else ""
    return {
        "call": f"{request.method} {request.path}{query}",
        "body": json.loads(request.body, parse_float=str),
    }


@pytest.mark.parametrize("name", WRITES)
def test_a_write_travels_as_its_golden_file_says(name: str) -> None:
    found = travelling(*WRITES[name])
    file = GOLDEN / f"{name}.json"
    if os.environ.get("REGOLD"):
        file.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    assert found == json.loads(file.read_text())


def test_every_golden_file_is_of_a_write() -> None:
    assert {file.stem for file in GOLDEN.glob("*.json")} == set(WRITES)


XSD = Path(__file__).parents[3] / "vendor" / "quickbooks_online"
ELEMENT = "{http://www.w3.org/2001/XMLSchema}element"


@cache
def vendor_words() -> frozenset[str]:
    """The element names of the vendor's schema; its JSON uses the same."""
    trees = [parse(file) for file in XSD.glob("*.xsd")]
    found = (node.get("name") or "" for tree in trees for node in tree.iter(ELEMENT))
    return frozenset(found)


ENVELOPE = frozenset({"BatchItemRequest", "bId", "operation", "optionsData", "sparse", "value"})


def keys(said: Any) -> Iterator[str]:
    if isinstance(said, Mapping):
        yield from said
        for inner in said.values():
            yield from keys(inner)
    elif isinstance(said, list):
        for inner in said:
            yield from keys(inner)


@pytest.mark.parametrize("name", WRITES)
def test_every_key_stands_in_the_vendors_schema(name: str) -> None:
    sent = json.loads(QBO.request(*WRITES[name]).body)
    assert set(keys(sent)) <= vendor_words() | ENVELOPE


def test_totals_of_the_samples_are_right() -> None:
    """Each is sent only because it passes the checks."""
    for writes, context in WRITES.values():
        for write in writes:
            if write.verb is Verb.CREATE:
                QBO.check(write.entity, context)
    assert totals_of(FOREIGN_LINES, "inclusive") == FOREIGN.totals
