"""The dossier's own example and what bookkeepers make, read as records and entities."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from contracts.entities import (
    Bill,
    Contact,
    CreditNote,
    Invoice,
    Item,
    Line,
    Payment,
    PurchaseOrder,
    Totals,
)
from contracts.values import EntityType
from libs.connector.errors import Held, Uncertain
from libs.connector.interface import Answer, Record
from libs.connector.wire import encode
from libs.testing import builders
from services.connectors.myob import reads
from services.connectors.myob.mapping import refs
from tests.services.connectors.myob import around, echo
from tests.services.connectors.myob.around import MYOB, create

CONTEXT = around.context()
DOSSIER: dict[str, Any] = {
    "UID": "c2f1",
    "Number": "KP-10042",
    "Date": "2026-09-01T00:00:00",
    "CustomerPurchaseOrderNumber": "job 77",
    "Customer": {"UID": "5f0d", "Name": "Rata Cafe", "DisplayID": "CUS-77", "URI": None},
    "PromisedDate": None,
    "BalanceDueAmount": Decimal("110.00"),
    "Status": "Open",
    "Terms": {
        "PaymentIsDue": "InAGivenNumberOfDays",
        "DiscountDate": 0,
        "BalanceDueDate": 14,
        "DueDate": "2026-09-15T00:00:00",
    },
    "IsTaxInclusive": False,
    "Lines": [
        {
            "RowID": 1,
            "Type": "Transaction",
            "Description": "Flyers",
            "Total": Decimal("100.00"),
            "Account": {"UID": "a-4-1000", "Name": "Sales", "DisplayID": "4-1000"},
            "Job": None,
            "TaxCode": {"UID": "t-GST", "Code": "GST"},
            "RowVersion": "123456789",
        }
    ],
    "Subtotal": Decimal("100.00"),
    "Freight": 0,
    "TotalTax": Decimal("10.00"),
    "TotalAmount": Decimal("110.00"),
    "JournalMemo": "Sale; Rata Cafe",
    "ForeignCurrency": None,
    "RowVersion": "987654321",
}


def sale(place: str = "Service", **fields: Any) -> dict[str, Any]:
    return {**DOSSIER, "~place": place, **fields}


def invoice(**fields: Any) -> Invoice:
    found = MYOB.entity(reads.record(EntityType.INVOICE, sale(**fields)), CONTEXT)
    assert isinstance(found, Invoice)
    return found


def test_the_dossiers_invoice() -> None:
    record = reads.record(EntityType.INVOICE, sale())
    assert (record.id, record.version, record.marker) == ("Service/c2f1", "987654321", "")
    assert (record.number, record.balance) == ("KP-10042", Decimal(110))
    found = invoice()
    assert (found.issue_date, found.due_date) == (date(2026, 9, 1), date(2026, 9, 15))
    assert found.customer == "5f0d"
    assert found.purchase_order == "job 77"
    assert found.job == "", "a memo that MYOB filled in is no job"
    assert found.totals == Totals(net=Decimal(100), tax=Decimal(10), gross=Decimal(110))
    assert found.lines == (
        Line(
            id="1",
            description="Flyers",
            quantity=Decimal(1),
            unit_price=Decimal(100),
            tax_code="GST",
            tax_rate=Decimal(10),
            account="4-1000",
        ),
    )


@pytest.mark.parametrize(
    ("terms", "due"),
    [
        ({"PaymentIsDue": "CashOnDelivery"}, date(2026, 9, 1)),
        ({"PaymentIsDue": "InAGivenNumberOfDays", "BalanceDueDate": 30}, date(2026, 10, 1)),
        ({"PaymentIsDue": "DayOfMonthAfterEOM", "BalanceDueDate": 20}, None),
        (
            {"PaymentIsDue": "DayOfMonthAfterEOM", "DueDate": "2026-10-20T00:00:00"},
            date(2026, 10, 20),
        ),
        (None, None),
    ],
)
def test_terms(terms: dict[str, Any] | None, due: date | None) -> None:
    assert invoice(Terms=terms).due_date == due


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ({"UnitCount": 4, "UnitPrice": 25}, (Decimal(4), Decimal(25), None)),
        ({"UnitCount": 5, "UnitPrice": 25, "DiscountPercent": 20}, (5, 25, 20)),
        ({"UnitCount": 4, "UnitPrice": 24}, (Decimal(1), Decimal(100), None)),
        ({"UnitCount": None, "UnitPrice": None}, (Decimal(1), Decimal(100), None)),
    ],
)
def test_a_line_says_what_its_total_does(row: dict[str, Any], shown: tuple[Any, ...]) -> None:
    (line,) = invoice(Lines=[{**DOSSIER["Lines"][0], **row}]).lines
    assert (line.quantity, line.unit_price, line.discount_percent) == shown


def test_heads_and_subtotals_are_no_lines() -> None:
    head = {"RowID": 2, "Type": "Header", "Description": "Print"}
    assert [line.id for line in invoice(Lines=[head, *DOSSIER["Lines"]]).lines] == ["1"]


@pytest.mark.parametrize("place", ["Item", "Professional", "Miscellaneous", "TimeBilling"])
def test_every_layout_is_read(place: str) -> None:
    assert invoice(place=place).totals.gross == Decimal(110)


def test_a_credit_is_told_by_its_total_not_by_its_status() -> None:
    credit = sale(TotalAmount=Decimal(-110), TotalTax=Decimal(-10), Status="Credit")
    overpaid = sale(Status="Credit", BalanceDueAmount=Decimal(-5))
    ours = {**credit, "JournalMemo": f"Overpayment ch {around.MARKER}"}
    theirs = {**credit, "JournalMemo": "Overpayment"}
    kinds = (EntityType.INVOICE, EntityType.CREDIT_NOTE)
    for raw, kind in ((credit, kinds[1]), (overpaid, kinds[0]), (theirs, kinds[1])):
        assert [one for one in kinds if reads.is_kind(one, raw)] == [kind]
    assert not any(reads.is_kind(one, ours) for one in kinds)


def test_a_credit_note_has_positive_amounts() -> None:
    rows = [{**DOSSIER["Lines"][0], "UnitCount": -4, "UnitPrice": 25, "Total": Decimal(-100)}]
    raw = sale(TotalAmount=Decimal(-110), TotalTax=Decimal(-10), BalanceDueAmount=-110, Lines=rows)
    record = reads.record(EntityType.CREDIT_NOTE, raw)
    note = MYOB.entity(record, CONTEXT)
    assert isinstance(note, CreditNote)
    assert note.totals == Totals(net=Decimal(100), tax=Decimal(10), gross=Decimal(110))
    assert (note.lines[0].quantity, note.lines[0].unit_price) == (Decimal(4), Decimal(25))
    assert record.balance == 110


def test_an_incomplete_document_waits() -> None:
    for missing in ("Date", "Customer"):
        with pytest.raises(Held) as held:
            invoice(**{missing: None})
        assert held.value.reason == "incomplete"


def test_a_deleted_document_is_void() -> None:
    gone = Record(EntityType.INVOICE, "Service/c2f1", sale(), "deleted")
    assert getattr(MYOB.entity(gone, CONTEXT), "status") == "void"  # noqa: B009


def test_a_foreign_invoice_is_read_in_its_currency() -> None:
    row = {**DOSSIER["Lines"][0], "TotalForeign": Decimal(50), "Total": Decimal(76)}
    found = invoice(
        ForeignCurrency={"UID": "cur-usd"},
        CurrencyExchangeRate=Decimal("1.52"),
        TotalAmountForeign=Decimal(55),
        TotalTaxForeign=Decimal(5),
        Lines=[row],
    )
    assert (found.currency, found.exchange_rate) == ("USD", Decimal("1.52"))
    assert (found.totals.gross, found.lines[0].unit_price) == (Decimal(55), Decimal(50))


def test_an_order_and_its_bill() -> None:
    party = {"Supplier": {"UID": "c2"}, "Customer": None}
    order = sale("Item", Status="ConvertedToBill", **party)
    shown = MYOB.entity(reads.record(EntityType.PURCHASE_ORDER, order), CONTEXT)
    assert isinstance(shown, PurchaseOrder)
    assert shown.closed
    raw = sale("Item", SupplierInvoiceNumber="S-1", Order={"UID": "o1"}, **party)
    bill = MYOB.entity(reads.record(EntityType.BILL, raw), CONTEXT)
    assert isinstance(bill, Bill)
    assert (bill.number, bill.purchase_orders, bill.supplier) == ("S-1", ("o1",), "c2")


def test_a_bookkeepers_payment_on_an_order_is_no_allocation() -> None:
    raw = {
        "~place": "CustomerPayment",
        "~spelled": {"i1": "Service/i1"},
        "UID": "y",
        "Date": "2026-09-10T00:00:00",
        "Customer": {"UID": "c1"},
        "DepositTo": "UndepositedFunds",
        "Invoices": [
            {"UID": "i1", "AmountApplied": 60, "Type": "Invoice"},
            {"UID": "o9", "AmountApplied": 40, "Type": "Order"},
        ],
    }
    payment = MYOB.entity(reads.record(EntityType.PAYMENT, raw), CONTEXT)
    assert isinstance(payment, Payment)
    assert (payment.amount, payment.method) == (Decimal(100), "UndepositedFunds")
    assert refs.money_to_myob(payment.method, CONTEXT) == "UndepositedFunds", "it goes back so"
    assert [(one.document, one.amount) for one in payment.allocations] == [("i1", Decimal(60))]


def test_a_person_and_a_card_of_neither_marker_nor_number() -> None:
    raw = {
        "~place": "Supplier",
        "UID": "u",
        "IsIndividual": True,
        "FirstName": "Mary",
        "LastName": "Smith",
        "DisplayID": "*None",
        "IsActive": False,
        "LastModified": "0001-01-01T00:00:00",
        "Addresses": [{"Location": 1, "Country": "New Zealand", "Street": "1 Quay\r\nLevel 2"}],
    }
    record = reads.record(EntityType.CONTACT, raw)
    assert (record.number, record.updated_at, record.status) == ("", None, "archived")
    found = MYOB.entity(record, CONTEXT)
    assert isinstance(found, Contact)
    assert (found.name, found.customer, found.supplier) == ("Mary Smith", False, True)
    assert found.addresses[0].lines == "1 Quay\nLevel 2"
    assert found.addresses[0].country == "NZ"


def test_an_answer_without_a_body_is_bound_by_its_location() -> None:
    write = create(builders.invoice(currency="AUD"))
    at = {"location": f"https://x/Sale/Invoice/Service/{echo.UID}"}
    (found,) = MYOB.results([write], Answer(201, at, b""), CONTEXT)
    assert isinstance(found, Record)
    assert found.id == f"Service/{echo.UID}"
    for kind in EntityType:
        with pytest.raises(Held):
            MYOB.entity(Record(kind, found.id, {}), CONTEXT)


def test_an_answer_that_names_nothing_is_uncertain() -> None:
    for body in (b"", b"<html>", encode({"Number": "1"})):
        with pytest.raises(Uncertain) as raised:
            MYOB.results([create(builders.item())], Answer(201, {}, body), CONTEXT)
        assert raised.value.answered


def test_an_item_of_a_bookkeeper() -> None:
    raw = {
        "UID": "p",
        "Number": "H-1",
        "Name": "Hinge",
        "IsBought": True,
        "IsInventoried": True,
        "CostOfSalesAccount": {"UID": "a-5-1000"},
        "IncomeAccount": {"UID": "a-9", "DisplayID": "4-9000"},
        "SellingDetails": {"BaseSellingPrice": Decimal("12.345678"), "TaxCode": {"UID": "t-GST"}},
        "BuyingDetails": {"StandardCost": 7, "TaxCode": {"UID": "t-N-T"}},
        "RowVersion": "1",
    }
    shown = MYOB.entity(reads.record(EntityType.ITEM, raw), CONTEXT)
    assert isinstance(shown, Item)
    assert (shown.account, shown.purchase_account) == ("4-9000", "5-1000")
    assert (shown.unit_price, shown.purchase_price) == (Decimal("12.345678"), Decimal(7))
    assert (shown.tax_code, shown.purchase_tax_code) == ("GST", "N-T")
