"""Every write as it travels: golden files, their keys held against the vendor's OpenAPI file."""

import json
import os
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.entities import Address, Allocation
from contracts.provider import provider
from contracts.values import EntityType
from libs.connector.interface import Context, Verb, Write
from libs.connector.money import totals_of
from libs.testing import builders
from tests.services.connectors.xero import around, bought
from tests.services.connectors.xero.around import XERO, create, invoice, line, update, write

GOLDEN = Path(__file__).parent / "golden"
OPENAPI = Path(__file__).parents[3] / "vendor" / "xero" / "xero_accounting.yaml"
SCHEMAS = {
    "Invoices": "Invoice",
    "CreditNotes": "CreditNote",
    "Payments": "Payment",
    "Contacts": "Contact",
    "Items": "Item",
    "Allocations": "Allocation",
    "BatchPayments": "BatchPayment",
    "BankTransactions": "BankTransaction",
    "PurchaseOrders": "PurchaseOrder",
}
CLIENT = builders.contact(
    "c1",
    name="  Rata   Café 🍵 ",
    phone="+64 9 123 4567",
    addresses=(
        Address(
            kind="billing", lines="1 Quay St\nLevel 2\nRear\nBlue door\nRing twice", city="Akl"
        ),
    ),
)
ARTICLE = builders.item("p1", code="A" * 40, unit_price=Decimal("1.234567"))
OF = invoice()
NOTE = builders.credit_note(
    "n1",
    (line("l1", discount_percent=Decimal(10), unit_price=Decimal("9.99")),),
    currency="NZD",
    job="job 77",
)
PAID = builders.payment(OF, currency="NZD", reference="ch_77")
THREE = invoice((line("l1"), line("l2"), line("l3")))
MIXED = invoice(
    (
        line("l1", item="p1", description="", discount_percent=Decimal("12.5")),
        line("l2", kind="labour", quantity=Decimal("1.3333"), unit_price=Decimal("75.123456")),
        line("l3", unit_price=Decimal(-5), tax_rate=Decimal(0)),
    ),
    job='6" pipe \\ job 77',
    link="https://app.example/i/1",
)
CENT_OFF = invoice(
    tuple(line(f"l{n}", quantity=Decimal(1), unit_price=Decimal("0.10")) for n in range(4))
)

SEVERAL = PAID.model_copy(
    update={
        "allocations": (
            Allocation(document="i1", amount=Decimal(100)),
            Allocation(document="i2", amount=Decimal(15)),
        )
    }
)
TOO_MUCH = PAID.model_copy(update={"amount": Decimal("120.95")})
APPLIED = NOTE.model_copy(update={"allocations": (Allocation(document="i2", amount=Decimal(5)),)})
SHARE = ("allocations.i2.amount", "allocations.i2.document_type")
THERE = {
    "Allocations": [{"AllocationID": "a2", "Amount": 5, "Invoice": {"InvoiceID": "invoice:i2"}}]
}
AT_TWO = invoice(
    (line("l1"), line("l2", location="hill", tracking=({"tracking": "kind", "option": "shop"},))),
    location="harbour",
)
BOUGHT = (line("l1", tax_rate=Decimal(15), discount_percent=Decimal(10)),)
CHEAP = totals_of(BOUGHT, "exclusive")

CASES: Mapping[str, Sequence[Write]] = {
    "invoice_create_bulk": [create(MIXED), create(CENT_OFF)],
    "invoice_create_foreign": [create(invoice(currency="USD", exchange_rate=Decimal("1.6")))],
    "invoice_create_no_tax": [create(invoice(tax_mode="none"))],
    "invoice_update_job": [update(OF.model_copy(update={"job": "job 78"}), "job")],
    "invoice_update_due_date_removed": [update(invoice(due_date=None), "due_date")],
    "invoice_update_customer_number_status": [update(OF, "customer", "number", "status")],
    "invoice_line_added": [
        update(
            THREE,
            *(f"lines.l3.{field}" for field in ("kind", "description", "quantity", "unit_price")),
            lines={"l1": "x-l1", "l2": "x-l2"},
        )
    ],
    "invoice_line_removed": [
        update(
            OF, "lines.l3.kind", "lines.l3.description", "lines.l3.quantity", "lines.l3.unit_price"
        )
    ],
    "invoice_lines_reordered": [
        update(
            invoice((line("l2"), line("l1", description="Now last"))),
            "lines.l1.description",
        )
    ],
    "invoice_line_described": [update(OF, "lines.l1.description")],
    "invoice_line_priced": [
        update(
            invoice((line("l1", unit_price=Decimal("26.00")), line("l2"))), "lines.l1.unit_price"
        )
    ],
    "invoice_line_discount_removed": [update(OF, "lines.l1.discount_percent")],
    "invoice_line_item_removed": [update(OF, "lines.l1.item")],
    "invoice_line_account": [update(OF, "lines.l2.kind", "lines.l2.account")],
    "invoice_tax_mode": [update(invoice(tax_mode="inclusive"), "tax_mode")],
    "invoice_void": [write(Verb.VOID, OF, before={"status": "approved"})],
    "invoice_delete_draft": [write(Verb.VOID, OF, before={"status": "draft"})],
    "invoice_delete_put": [write(Verb.DELETE, OF, before={"status": "draft"})],
    "credit_note_create": [create(NOTE)],
    "credit_note_line_described": [
        update(NOTE, "lines.l1.description", lines={"l1": "#0123456789ab"})
    ],
    "credit_note_void": [write(Verb.VOID, NOTE, before={"status": "approved"})],
    "payment_create_bulk": [
        create(PAID),
        create(builders.payment(OF, "y2", currency="NZD", method="card", amount=Decimal("10.5"))),
    ],
    "payment_create_batch": [create(SEVERAL)],
    "payment_create_overpayment": [create(TOO_MUCH.model_copy(update={"allocations": ()}))],
    "payment_create_several_foreign": [
        create(SEVERAL.model_copy(update={"currency": "USD", "exchange_rate": Decimal("1.6")}))
    ],
    "payment_batch_delete": [write(Verb.DELETE, SEVERAL, record="BatchPayment/b1")],
    "payment_overpayment_delete": [
        write(Verb.DELETE, TOO_MUCH, record="Overpayment/o1", parts=("BankTransaction/t1",))
    ],
    "payment_apply": [
        update(SEVERAL, *SHARE, record="Overpayment/o1"),
    ],
    "credit_note_apply": [update(APPLIED, *SHARE)],
    "credit_note_unapply": [update(NOTE, *SHARE, raw=THERE, before={SHARE[1]: "invoice"})],
    "refund_create": [create(bought.refund("NZD", reference="back"))],
    "refund_void": [write(Verb.VOID, bought.refund("NZD"))],
    "invoice_create_tracked": [create(AT_TWO)],
    "invoice_line_moved": [update(AT_TWO, "lines.l1.location")],
    "order_create": [create(bought.order(BOUGHT, currency="NZD", job="job 77", totals=CHEAP))],
    "order_close": [
        update(bought.order(BOUGHT, currency="NZD", closed=True, totals=CHEAP), "closed")
    ],
    "order_void": [write(Verb.VOID, bought.order(BOUGHT, currency="NZD"))],
    "bill_create": [create(bought.bill(BOUGHT, currency="NZD", totals=CHEAP))],
    "bill_update_number": [update(bought.bill(BOUGHT, currency="NZD", totals=CHEAP), "number")],
    "payment_delete": [write(Verb.DELETE, PAID)],
    "payment_void": [write(Verb.VOID, PAID)],
    "item_create": [create(ARTICLE)],
    "item_update_description": [update(ARTICLE, "description")],
    "item_update_price": [update(ARTICLE, "unit_price")],
    "item_delete": [write(Verb.DELETE, ARTICLE)],
    "contact_create": [create(CLIENT)],
    "contact_update_email": [update(CLIENT, "email")],
    "contact_update_address": [update(CLIENT, "addresses.billing.city")],
    "contact_address_removed": [
        update(
            CLIENT.model_copy(update={"addresses": ()}),
            "addresses.billing.city",
            "addresses.billing.country",
        )
    ],
    "contact_archive": [write(Verb.DELETE, CLIENT)],
}


def told(case: str) -> dict[str, Any]:
    context: Context = around.context({"p1": ARTICLE.code})
    for one in CASES[case]:
        if one.verb in (Verb.CREATE, Verb.UPDATE):
            XERO.check(one.entity, context)
    request = XERO.request(CASES[case], context)
    return {
        "method": request.method,
        "path": request.path,
        "params": dict(request.params),
        "body": json.loads(request.body) if request.body else None,
    }


@cache
def schemas() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(OPENAPI.read_text())["components"]["schemas"]
    return found


@pytest.mark.parametrize("case", CASES)
def test_a_write_travels_as_in_its_golden_file(case: str) -> None:
    file = GOLDEN / f"request_{case}.json"
    found = told(case)
    if os.environ.get("WRITE_GOLDEN"):
        file.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    assert found == json.loads(file.read_text())


@pytest.mark.parametrize("case", CASES)
def test_the_vendor_knows_every_field_sent(case: str) -> None:
    body = told(case)["body"] or {}
    for resource, elements in body.items():
        if resource == "Status":
            continue
        for element in elements:
            _known(element, schemas()[SCHEMAS[resource]])


def _known(element: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    for name, value in element.items():
        assert name in schema["properties"], f"{name} is no field of Xero's"
        field = schema["properties"][name]
        assert len(value) <= field.get("maxLength", 10**6) if isinstance(value, str) else True
        inner = _resolved(field)
        if isinstance(value, list):
            inner = _resolved(inner["items"])
            for one in value:
                _known(one, inner)
        elif isinstance(value, dict):
            _known(value, inner)


def _resolved(field: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in field:
        return field
    found: Mapping[str, Any] = schemas()[field["$ref"].rpartition("/")[2]]
    return found


def test_an_update_of_the_job_sends_no_line() -> None:
    (element,) = told("invoice_update_job")["body"]["Invoices"]
    assert element == {"InvoiceID": "invoice:i1", "Reference": f"job 78 {around.MARKER}"}


def test_a_new_description_does_not_send_the_price() -> None:
    (element,) = told("invoice_line_described")["body"]["Invoices"]
    assert element["LineItems"] == [
        {"LineItemID": "x-l1", "Description": "Brass hinge l1"},
        {"LineItemID": "x-l2"},
    ]


def test_a_removed_line_is_left_out_of_the_whole_set() -> None:
    (element,) = told("invoice_line_removed")["body"]["Invoices"]
    assert [one["LineItemID"] for one in element["LineItems"]] == ["x-l1", "x-l2"]


def test_only_creates_of_payments_and_creates_and_updates_of_items_go_in_bulk() -> None:
    facts = provider("xero").entities
    assert facts[EntityType.PAYMENT].bulk_verbs == ("create",)
    assert facts[EntityType.ITEM].bulk_verbs == ("create", "update")
