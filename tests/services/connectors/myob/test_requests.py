"""Every write as it travels, against golden files; what we do not know of a record survives."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from contracts.entities import Bill, CreditNote, Entity, Invoice, Payment, PurchaseOrder, Refund
from contracts.values import EntityType
from libs.connector.errors import Conflict, Held
from libs.connector.interface import Verb, Write
from libs.connector.money import totals_of
from libs.testing import builders
from services.connectors.myob import reads
from tests.services.connectors.myob import around
from tests.services.connectors.myob.around import MYOB, create, update

GOLDEN = Path(__file__).parent / "golden"
CONTEXT = around.context()
DAY = date(2026, 9, 1)
GST = Decimal(10)
PART = builders.line("l1", item="p1", tax_rate=GST)
WORK = builders.line("l2", kind="labour", quantity=Decimal("1.5"), tax_rate=GST)
SHOWN_LINE = {
    "RowID": 1,
    "Type": "Transaction",
    "Description": "Brass hinge l1",
    "ShipQuantity": 2,
    "UnitPrice": 25,
    "Total": 50,
    "Item": {"UID": "p1", "Number": "CODE-p1"},
    "Account": {"UID": "a-4-1000"},
    "TaxCode": {"UID": "t-GST"},
    "CostOfGoodsSold": 12,
    "UnitOfMeasure": "Box",
    "RowVersion": "11",
}
HEAD_ROW = {"RowID": 3, "Type": "Header", "Description": "Hinges", "RowVersion": "13"}
SHOWN = {
    "~place": "Item",
    "UID": "c2f1",
    "Number": "INV-i1",
    "Date": "2026-09-01T00:00:00",
    "Customer": {"UID": "c1", "Name": "Rata Cafe"},
    "Terms": {
        "PaymentIsDue": "OnADayOfTheMonth",
        "BalanceDueDate": 15,
        "DiscountForEarlyPayment": 2,
        "DueDate": "2026-09-15T00:00:00",
    },
    "IsTaxInclusive": False,
    "Lines": [HEAD_ROW, SHOWN_LINE],
    "TotalAmount": 55,
    "Status": "Open",
    "JournalMemo": f"job 77 {around.MARKER}",
    "Salesperson": {"UID": "s-1"},
    "ShippingMethod": "Courier",
    "RowVersion": "98",
}
CARD = {
    "~place": "Customer",
    "UID": "c1",
    "DisplayID": "c1",
    "IsIndividual": False,
    "CompanyName": "Rata Cafe",
    "IsActive": True,
    "Addresses": [
        {"Location": 1, "Street": "1 Quay", "Country": "Elsewhere", "Email": "a@b", "Fax": "9"},
        {"Location": 3, "Street": "Depot"},
    ],
    "Notes": f"Calls late.\n{around.MARKER}",
    "SellingDetails": {"TaxCode": {"UID": "t-GST"}, "Credit": {"Limit": 500}},
    "CurrentBalance": 12,
    "RowVersion": "7",
}


def sale(*lines: Any, **fields: Any) -> Any:
    default = {"currency": "AUD", "issue_date": DAY, "due_date": date(2026, 9, 15)}
    return builders.invoice("i1", lines or (PART,), **default | fields)


def purchase(kind: type[Bill | PurchaseOrder], **fields: Any) -> Any:
    default = {
        "id": "b1",
        "number": "SUP-9",
        "supplier": "c2",
        "issue_date": DAY,
        "currency": "AUD",
        "lines": (PART,),
        "totals": totals_of((PART,), "exclusive"),
    }
    return kind.model_validate(default | fields)


def note(**fields: Any) -> CreditNote:
    return builders.credit_note("n1", (PART,), currency="AUD", issue_date=DAY, **fields)


def share(kind: str, document: str, amount: str) -> dict[str, Any]:
    return {"document": document, "document_type": kind, "amount": Decimal(amount)}


def paid(**fields: Any) -> Payment:
    default = {
        "id": "y1",
        "contact": "c1",
        "date": DAY,
        "amount": Decimal(110),
        "currency": "AUD",
        "reference": "ch_77",
        "allocations": [share("invoice", "i1", "60"), share("invoice", "i2", "50")],
    }
    return Payment.model_validate(default | fields)


REFUND = Refund.model_validate(
    {
        "id": "r1",
        "contact": "c1",
        "date": DAY,
        "amount": Decimal(20),
        "currency": "AUD",
        "allocations": [share("credit_note", "n1", "20")],
    }
)
APPLIED = note(allocations=[share("invoice", "i1", "20"), share("invoice", "i2", "5.50")])
NOTE_SHOWN = {**SHOWN, "UID": "n1", "TotalAmount": -55}
SETTLEMENT = {
    "UID": "s1",
    "CreditFromInvoice": {"UID": "n1"},
    "Lines": [{"Type": "Invoice", "Sale": {"UID": "i1"}, "AmountApplied": 20}],
    "~spelled": {"i1": "Item/i1"},
}
OVER = paid(amount=Decimal(130))
LATER = sale(PART.model_copy(update={"quantity": Decimal(3)}))
MOVED = builders.contact("c1", name="Rata Cafe", email="new@rata.example", addresses=())


def deletion(entity: Entity, raw: Mapping[str, Any]) -> Write:
    return replace(update(entity, raw), verb=Verb.DELETE)


CASES: Mapping[str, Write] = {
    "contact_create": create(builders.contact("c1", tax_number="51824753556", phone="0491 570")),
    "contact_create_person": create(
        builders.contact("c1", name="Mary Smith", first_name="Mary", last_name="Smith")
    ),
    "contact_create_supplier": create(builders.contact("c2", customer=False, supplier=True)),
    "contact_update_email": update(MOVED, CARD, "email"),
    "contact_side_create": update(MOVED.model_copy(update={"supplier": True}), CARD, "supplier"),
    "contact_archive": deletion(MOVED, CARD),
    "item_create": create(builders.item("p1", code="A" * 40, purchase_account="5-1000")),
    "invoice_create_item": create(sale(job="job 77", purchase_order="4711", note="Thank you")),
    "invoice_create_service": create(sale(PART, WORK)),
    "invoice_create_inclusive": create(sale(tax_mode="inclusive")),
    "invoice_create_no_tax": create(sale(tax_mode="none")),
    "invoice_create_foreign": create(sale(currency="USD", exchange_rate=Decimal("1.52"))),
    "invoice_create_tracked": create(
        sale(PART.model_copy(update={"location": "shop"}), location="north")
    ),
    "invoice_update_line": update(LATER, SHOWN, "lines.l1.quantity", lines={"l1": "1"}),
    "invoice_update_due": update(
        sale(due_date=date(2026, 9, 20)), SHOWN, "due_date", lines={"l1": "1"}
    ),
    "invoice_delete": deletion(sale(), SHOWN),
    "credit_note_create": create(note()),
    "credit_note_apply": update(
        APPLIED, NOTE_SHOWN, "allocations.i1.amount", "allocations.i2.amount", record="Item/n1"
    ),
    "credit_note_release": update(
        note(),
        {**NOTE_SHOWN, "~sides": {"CreditSettlement/s1": SETTLEMENT}},
        "allocations.i1.amount",
        record="Item/n1",
    ),
    "payment_create": create(paid()),
    "payment_create_undeposited": create(paid(method="till")),
    "payment_create_paid": create(
        paid(
            direction="paid",
            contact="c2",
            amount=Decimal(60),
            allocations=[share("bill", "b1", "60")],
        )
    ),
    "payment_create_advance": create(paid(allocations=())),
    "payment_rest": update(
        OVER,
        {"~place": "CustomerPayment", "UID": "y1"},
        "amount",
        record="CustomerPayment/y1",
    ),
    "payment_delete": deletion(paid(), {"~place": "CustomerPayment", "UID": "y1"}),
    "refund_create": create(REFUND),
    "purchase_order_create": create(purchase(PurchaseOrder, delivery_date=date(2026, 9, 9))),
    "bill_create": create(purchase(Bill, purchase_orders=("o1",), due_date=date(2026, 10, 1))),
}


@pytest.mark.parametrize("name", CASES)
def test_a_write_travels_as_in_its_golden_file(name: str) -> None:
    request = MYOB.request([CASES[name]], CONTEXT)
    told = {
        "method": request.method,
        "path": request.path,
        "params": dict(request.params),
        "body": json.loads(request.body) if request.body else None,
    }
    file = GOLDEN / f"request_{name}.json"
    if os.environ.get("WRITE_GOLDEN"):
        file.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    assert told == json.loads(file.read_text())
    assert "~" not in json.dumps(list(_keys(told["body"])))


def _keys(value: Any) -> Any:
    if isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from _keys(one)
    if isinstance(value, list):
        for one in value:
            yield from _keys(one)


def test_an_update_without_the_record_is_read_first() -> None:
    with pytest.raises(Conflict):
        MYOB.request([replace(CASES["invoice_update_due"], raw={})], CONTEXT)


def test_a_layout_of_others_is_not_written() -> None:
    write = update(LATER, {**SHOWN, "~place": "Professional"}, "lines.l1.quantity")
    with pytest.raises(Held) as held:
        MYOB.request([write], CONTEXT)
    assert held.value.reason == "layout"


def test_freight_is_a_line_that_can_be_changed_and_removed() -> None:
    shown = {**SHOWN, "Freight": Decimal(9), "FreightTaxCode": {"UID": "t-GST"}}
    entity = MYOB.entity(reads.record(EntityType.INVOICE, shown), CONTEXT)
    assert isinstance(entity, Invoice)
    freight = entity.lines[-1]
    assert (freight.id, freight.unit_price) == ("freight", Decimal(9))
    known = {"l1": "1", "freight": "freight"}
    kept = update(sale(PART, freight), shown, "lines.l1.quantity", lines=known)
    body = json.loads(MYOB.request([kept], CONTEXT).body)
    assert body["Freight"] == 9
    gone = update(sale(PART), shown, "lines.freight.quantity", lines={"l1": "1"})
    assert json.loads(MYOB.request([gone], CONTEXT).body)["Freight"] == 0
