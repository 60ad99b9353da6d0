"""Odd documents, each either sent as it should be or held with a sentence."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from contracts.entities import Entity, Invoice, Line
from libs.connector.errors import Held
from libs.connector.interface import Verb
from libs.testing import builders
from tests.services.connectors.xero import around, bought, echo
from tests.services.connectors.xero.around import XERO, create, good, invoice, line, update, write

CONTEXT = around.context()


def sent(entity: Entity, **more: Any) -> dict[str, Any]:
    request = XERO.request([create(entity)], around.context(**more))
    ((element,),) = json.loads(request.body, parse_float=Decimal).values()
    return dict(element)


def stored(document: Invoice, **more: Any) -> Invoice:
    """What Xero shows after it took the document; its totals are the product's."""
    context = around.context(**more)
    XERO.check(document, context)
    request = XERO.request([create(document)], context)
    (result,) = XERO.results([create(document)], echo.answer(request), context)
    record = good(result)
    assert record.totals == document.totals
    shown = XERO.entity(record, context)
    assert isinstance(shown, Invoice)
    return shown


def test_an_invoice_of_1114_lines() -> None:
    lines = tuple(
        line(f"l{n}", unit_price=Decimal(n % 97) + Decimal("0.85"), tax_rate=Decimal(20))
        for n in range(1114)
    )
    shown = stored(invoice(lines))
    assert len(shown.lines) == 1114
    assert [one.unit_price for one in shown.lines] == [one.unit_price for one in lines]
    request = XERO.request([create(invoice(lines))], CONTEXT)
    assert len(request.body) < 3_000_000


@pytest.mark.parametrize("name", ["Café 🍵🦆", "مطبعة كاوري", "שלום Ltd", "O'Brien & “Søn” <3"])
def test_names_travel_as_they_are(name: str) -> None:
    contact = builders.contact("c1", name=name)
    assert sent(contact)["Name"] == name
    assert XERO.normalised(contact, CONTEXT).name == name  # type: ignore[union-attr]
    assert stored(invoice((line("l1", description=name),), job=name)).lines[0].description == name


@pytest.mark.parametrize("day", [date(2026, 1, 31), date(2028, 2, 29), date(2026, 12, 31)])
def test_the_last_day_of_a_month_stays_it(day: date) -> None:
    shown = stored(invoice(issue_date=day, due_date=day))
    assert (shown.issue_date, shown.due_date) == (day, day)


def test_lines_at_no_price_and_a_total_of_zero() -> None:
    free = line("l1", unit_price=Decimal(0))
    assert stored(invoice((free, line("l2")))).lines[0].unit_price == 0
    assert stored(invoice((free,))).totals.gross == 0


def test_a_negative_line_has_no_discount_field() -> None:
    lines = (line("l1"), line("l2", unit_price=Decimal(-3), discount_percent=Decimal(0)))
    assert "DiscountRate" not in sent(invoice(lines))["LineItems"][1]
    assert stored(invoice(lines)).lines[1].unit_price == -3
    element = json.loads(
        XERO.request([update(invoice(lines), "lines.l2.discount_percent")], CONTEXT).body
    )
    assert "DiscountRate" not in element["Invoices"][0]["LineItems"][1]


def test_prices_that_contain_their_tax() -> None:
    shown = stored(invoice((line("l1", unit_price=Decimal("11.50")),), tax_mode="inclusive"))
    assert (shown.totals.net, shown.totals.tax) == (Decimal("20.00"), Decimal("3.00"))


def test_a_document_without_tax_needs_no_tax_code() -> None:
    """Also where the company has several of rate 0."""
    codes = (
        *around.company().tax_codes,
        around.company().tax_codes[1].model_copy(update={"id": "EXEMPTOUTPUT"}),
    )
    shown = stored(invoice(tax_mode="none"), tax_codes=codes)
    assert shown.totals.tax == 0
    assert shown.lines[0].tax_code is None


def test_a_foreign_document_with_its_rate_and_without() -> None:
    with_rate = invoice(currency="USD", exchange_rate=Decimal("1.6"))
    assert stored(with_rate).exchange_rate == Decimal("1.6")
    without = invoice(currency="USD")
    assert "CurrencyRate" not in sent(without)
    assert stored(without).exchange_rate == Decimal("1.538461538462")  # the vendor's 0.65
    home = invoice(exchange_rate=Decimal(1))
    assert "CurrencyRate" not in sent(home)
    assert stored(home).exchange_rate is None


def test_a_line_without_a_description_takes_its_stock_code_or_its_kind() -> None:
    lines = (line("l1", description="", item="p1"), line("l2", description=" ", kind="labour"))
    elements = sent(invoice(lines), codes={"p1": "85123A"})["LineItems"]
    assert [one["Description"] for one in elements] == ["85123A", "Labour"]


def test_a_line_names_its_item_by_the_code_the_item_was_given() -> None:
    code = "A very long stock code of 40 characters!"
    (one,) = sent(invoice((line("l1", item="p1"),)), codes={"p1": code})["LineItems"]
    assert one["ItemCode"] == sent(builders.item("p1", code=code))["Code"]
    assert len(one["ItemCode"]) == 30


def test_a_digit_of_the_quantity_is_not_lost_and_prices_are_rounded_by_us() -> None:
    lines = (line("l1", quantity=Decimal("0.0001"), unit_price=Decimal("1000000.123450")),)
    body = XERO.request([create(invoice(lines))], CONTEXT).body
    assert b'"Quantity":0.0001,"UnitAmount":1000000.1235' in body


PAYMENT_BACK = {"document": "y1", "document_type": "payment", "amount": Decimal(10)}
HELD: dict[str, tuple[Entity, str, dict[str, Any]]] = {
    "negative": (invoice((line("l1", unit_price=Decimal(-1)),)), "negative", {}),
    "no lines": (invoice(()), "no-lines", {}),
    "locked": (invoice(), "period-locked", {"lock_date": date(2026, 9, 1)}),
    "currency": (invoice(currency="CHF"), "currency", {}),
    "a cent of the product's own": (
        invoice(totals={"net": "100.00", "tax": "15.01", "gross": "115.01"}),
        "rounding",
        {},
    ),
    "a price of six decimals": (
        invoice((line("l1", quantity=Decimal(1000), unit_price=Decimal("0.123456")),)),
        "rounding",
        {},
    ),
    "more of a credit applied than there is": (
        builders.credit_note(
            currency="NZD", allocations=({"document": "i1", "amount": Decimal(101)},)
        ),
        "amounts",
        {},
    ),
    "a credit applied to a bill": (
        builders.credit_note(
            currency="NZD",
            allocations=({"document": "b1", "document_type": "bill", "amount": Decimal(1)},),
        ),
        "amounts",
        {},
    ),
    "more settled than paid": (
        builders.payment(
            invoice(),
            currency="NZD",
            allocations=(
                {"document": "i1", "amount": Decimal(100)},
                {"document": "i2", "amount": Decimal(16)},
            ),
        ),
        "amounts",
        {},
    ),
    "paid to the customer": (
        builders.payment(invoice(), currency="NZD", direction="paid"),
        "amounts",
        {},
    ),
    "a payment that is a refund": (
        builders.payment(
            invoice(),
            currency="NZD",
            direction="paid",
            allocations=({"document": "n1", "document_type": "credit_note", "amount": Decimal(1)},),
        ),
        "refund",
        {},
    ),
    "a refund of a payment that is all for documents": (
        bought.refund("NZD", allocations=(PAYMENT_BACK,)),
        "nothing-left",
        {},
    ),
    "a refund of nothing": (bought.refund("NZD", allocations=()), "amounts", {}),
    "no money": (builders.payment(invoice(), currency="NZD", amount=Decimal(0)), "amounts", {}),
    "parts of a cent": (
        builders.payment(invoice(), currency="NZD", amount=Decimal("1.005")),
        "amounts",
        {},
    ),
    "payment in a locked period": (
        builders.payment(invoice(), currency="NZD"),
        "period-locked",
        {"lock_date": date(2026, 9, 30)},
    ),
}


@pytest.mark.parametrize("case", HELD)
def test_what_xero_would_refuse_is_held_before_the_call(case: str) -> None:
    entity, reason, more = HELD[case]
    with pytest.raises(Held) as held:
        XERO.check(entity, around.context(**more))
    assert held.value.reason == reason
    assert held.value.action
    assert entity.id in held.value.sentence


def test_the_day_after_the_lock_date_is_open() -> None:
    XERO.check(invoice(), around.context(lock_date=date(2026, 8, 31)))


def test_an_unmapped_word_is_held_with_the_command_that_mends_it() -> None:
    words = {key: word for key, word in around.WORDS.items() if key != ("line_kind", "labour")}
    with pytest.raises(Held, match="labour") as held:
        XERO.request([create(invoice((line("l1", kind="labour"),)))], around.context(words=words))
    assert held.value.action.startswith("ledgerbridge map")


def test_an_approval_is_not_taken_back() -> None:
    draft = invoice(status="draft")
    with pytest.raises(Held) as held:
        XERO.request([update(draft, "status", before={"status": "approved"})], CONTEXT)
    assert held.value.reason == "approved"
    approved = update(invoice(), "status", before={"status": "draft"})
    assert b'"Status":"AUTHORISED"' in XERO.request([approved], CONTEXT).body


@pytest.mark.parametrize(
    ("before", "status"), [("draft", b"DELETED"), ("approved", b"VOIDED"), (None, b"VOIDED")]
)
@pytest.mark.parametrize("verb", [Verb.VOID, Verb.DELETE])
def test_a_draft_is_deleted_and_what_is_approved_voided(
    verb: Verb, before: str | None, status: bytes
) -> None:
    known = {"status": before} if before else None
    assert (
        b'"Status":"' + status in XERO.request([write(verb, invoice(), before=known)], CONTEXT).body
    )


def test_a_tax_that_was_told_before_is_told_again_when_money_changes() -> None:
    """Without it Xero would keep what it was told for the lines as they were."""
    lines = tuple(
        Line.model_validate(
            {"id": f"l{n}", "quantity": "1", "unit_price": "0.10", "tax_rate": "15"}
        )
        for n in range(4)
    )
    changed = update(invoice((*lines[:3], line("l3"))), "lines.l3.unit_price")
    ((element,),) = json.loads(XERO.request([changed], CONTEXT).body).values()
    told = [Decimal(str(one["TaxAmount"])) for one in element["LineItems"]]
    assert sum(told) == changed.entity.totals.tax  # type: ignore[union-attr]
