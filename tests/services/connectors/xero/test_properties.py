"""What must hold of every document, contact, item and payment, tried with made-up ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.entities import (
    Address,
    Contact,
    CreditNote,
    DocumentStatus,
    Entity,
    Invoice,
    Item,
    Line,
    LineKind,
    Payment,
    RecordStatus,
    Refund,
    TaxMode,
)
from libs.connector.errors import Held
from libs.connector.lines import match_lines, renamed
from libs.connector.money import CENT, totals_of
from libs.connector.states import state_of
from libs.testing import builders
from services.connectors.xero.mapping import lines as document_lines
from services.connectors.xero.mapping.wire import reference, rounded
from tests.services.connectors.xero import around, bought, echo
from tests.services.connectors.xero.around import XERO, create, good

CONTEXT = around.context()
TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=60)
LONG = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=255)
NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=255)
LINES_OF_TEXT = st.lists(TEXT, max_size=7).map("\n".join)
DATES = st.dates(date(2020, 1, 1), date(2032, 12, 31))
RATES = st.sampled_from([Decimal(15), Decimal(20), Decimal("8.875"), Decimal(0), None])
MODES = st.sampled_from(TaxMode)
LINES = st.builds(
    Line,
    id=st.just("x"),
    kind=st.sampled_from(LineKind),
    item=st.sampled_from(["p1", "p2", None]),
    description=LINES_OF_TEXT,
    quantity=st.decimals(Decimal(0), Decimal(5000), places=4),
    unit_price=st.decimals(Decimal(-20), Decimal(2000), places=2)
    | st.decimals(Decimal(-20), Decimal(2000), places=6),
    discount_percent=st.none() | st.decimals(Decimal(0), Decimal(100), places=2),
    tax_rate=RATES,
)
LINE_LISTS = st.lists(LINES, min_size=1, max_size=6).map(
    lambda lines: tuple(line.model_copy(update={"id": f"l.{n}~"}) for n, line in enumerate(lines))
)
URLS = st.sampled_from(["", "https://app.example/i/1", "not a link"])


@st.composite
def documents(draw: st.DrawFn, kind: type[Invoice | CreditNote] = Invoice) -> Invoice | CreditNote:
    lines, mode = draw(LINE_LISTS), draw(MODES)
    currency = draw(st.sampled_from(["NZD", "USD"]))
    shared: dict[str, Any] = {
        "id": "i1",
        "number": draw(st.sampled_from(["", "INV-1", "Ünï/№ 7"])),
        "status": draw(st.sampled_from([s for s in DocumentStatus if s != "void"])),
        "issue_date": draw(DATES),
        "currency": currency,
        "exchange_rate": draw(st.none() | st.decimals(Decimal("0.0001"), Decimal(500), places=6)),
        "tax_mode": mode,
        "lines": lines,
        "totals": totals_of(lines, mode),
        "job": draw(LONG),
        "link": draw(URLS),
        "customer": "c1",
    }
    if kind is Invoice:
        shared["due_date"] = draw(st.none() | DATES)
    return kind.model_validate(shared)


CONTACTS = st.builds(
    Contact,
    id=st.just("c1"),
    name=NAMES,
    first_name=TEXT,
    last_name=TEXT,
    phone=TEXT,
    tax_number=TEXT,
    company_number=TEXT,
    currency=st.sampled_from([None, "NZD"]),
    status=st.sampled_from(RecordStatus),
    addresses=st.lists(
        st.builds(
            Address,
            kind=st.sampled_from(["billing", "delivery"]),
            lines=LINES_OF_TEXT,
            city=TEXT,
            postal_code=TEXT,
            country=st.sampled_from([None, "NZ", "GB"]),
        ),
        max_size=2,
        unique_by=lambda address: address.kind,
    ).map(tuple),
)
ITEMS = st.builds(
    Item,
    id=st.just("p1"),
    code=NAMES,
    name=TEXT,
    description=LINES_OF_TEXT,
    unit_price=st.none() | st.decimals(Decimal(0), Decimal(2000), places=6),
    purchase_price=st.none() | st.decimals(Decimal(0), Decimal(2000), places=6),
    tax_code=st.sampled_from([None, "OUTPUT2"]),
    account=st.sampled_from([None, "200"]),
)


@st.composite
def payments(draw: st.DrawFn) -> Payment:
    """For a document of its direction, or for none yet."""
    kind = draw(st.sampled_from(["invoice", "bill"]))
    amount = draw(st.decimals(CENT, Decimal(9999), places=2))
    share = {"document": "d1", "document_type": kind, "amount": amount}
    return builders.payment(
        builders.invoice(),
        amount=amount,
        date=draw(DATES),
        direction="received" if kind == "invoice" else "paid",
        currency="USD",
        exchange_rate=draw(st.decimals(Decimal("0.5"), Decimal(5), places=4)),
        method=draw(st.sampled_from(["", "card"])),
        reference=draw(LONG),
        allocations=draw(st.sampled_from([(share,), ()])),
    )


@st.composite
def refunds(draw: st.DrawFn) -> Refund:
    amount = draw(st.decimals(CENT, Decimal(9999), places=2))
    share = {"document": "n1", "document_type": "credit_note", "amount": amount}
    return bought.refund(
        "USD",
        amount=amount,
        exchange_rate=draw(st.decimals(Decimal("0.5"), Decimal(5), places=4)),
        reference=draw(LONG),
        allocations=(share,),
    )


ENTITIES = documents() | documents(CreditNote) | CONTACTS | ITEMS | payments() | refunds()


@dataclass(frozen=True, slots=True)
class Shown:
    """An entity after its journey there and back, and what we expected."""

    entity: Entity
    shown: dict[str, Any]
    expected: dict[str, Any]


def there_and_back(entity: Entity) -> Shown:
    """The state Xero shows after a create of it, in our line ids, and what `normalised` said."""
    request = XERO.request([create(entity)], CONTEXT)
    (result,) = XERO.results([create(entity)], echo.answer(request), CONTEXT)
    record = good(result)
    if hasattr(entity, "number") or hasattr(entity, "allocations"):
        assert record.marker == around.MARKER
    raw = state_of(XERO.entity(record, CONTEXT))
    expected = state_of(XERO.normalised(entity, CONTEXT))
    return Shown(entity, renamed(raw, match_lines(raw, expected, {})), expected)


def held_back(entity: Entity) -> Held | None:
    try:
        XERO.check(entity, CONTEXT)
    except Held as held:
        return held
    return None


@given(ENTITIES)
@settings(max_examples=300)
def test_normalised_is_idempotent(entity: Entity) -> None:
    once = XERO.normalised(entity, CONTEXT)
    assert state_of(XERO.normalised(once, CONTEXT)) == state_of(once)


@given(ENTITIES)
@settings(max_examples=300)
def test_the_ledger_shows_what_normalised_says(entity: Entity) -> None:
    journey = there_and_back(entity)
    if not getattr(entity, "number", "-"):
        journey.expected["number"] = "INV-0000"  # the ledger's own sequence
    if isinstance(entity, Invoice | CreditNote) and not entity.exchange_rate:
        journey.shown.pop("exchange_rate", None)  # the day's rate
    assert journey.shown == journey.expected


@given(documents() | documents(CreditNote))
def test_what_has_a_field_survives(document: Invoice | CreditNote) -> None:
    state, shown = state_of(document), there_and_back(document).shown
    for name in ("issue_date", "currency", "tax_mode", "customer"):
        assert shown[name] == state[name]
    assert shown.get("job", "") == reference(document.job)
    if document.number:
        assert shown["number"] == document.number
    if isinstance(document, Invoice):
        assert shown["due_date"] == (document.due_date or document.issue_date).isoformat()
        assert shown.get("link", "") == ("" if document.link == "not a link" else document.link)
    entity = XERO.normalised(document, CONTEXT)
    assert isinstance(entity, Invoice | CreditNote)
    _lines_survive(document, entity.lines)


def _lines_survive(document: Invoice | CreditNote, lines: Sequence[Line]) -> None:
    taxed = document.tax_mode != TaxMode.NONE
    for own, line in zip(document.lines, lines, strict=True):
        assert (line.id, line.item, line.quantity) == (own.id, own.item, own.quantity)
        assert line.tax_rate == ((own.tax_rate or 0) if taxed else None)
        assert line.description
        if isinstance(document, Invoice):
            assert line.unit_price == rounded(own.unit_price, 4)
            assert (line.discount_percent or 0) == (own.discount_percent or 0)


@given(documents() | documents(CreditNote))
@settings(max_examples=400)
def test_the_ledgers_totals_are_the_products_or_the_document_is_held(
    document: Invoice | CreditNote,
) -> None:
    held = held_back(document)
    event(f"held: {held.reason if held else 'no'}")
    if held:
        assert held.reason in ("rounding", "negative")
        assert held.action
        return
    request = XERO.request([create(document)], CONTEXT)
    (result,) = XERO.results([create(document)], echo.answer(request), CONTEXT)
    assert good(result).totals == document.totals


@given(
    st.lists(st.decimals(Decimal("0.01"), Decimal(300), places=2), min_size=1, max_size=60),
    st.sampled_from([TaxMode.EXCLUSIVE, TaxMode.INCLUSIVE]),
)
def test_each_lines_tax_is_less_than_a_cent_from_exact(
    prices: list[Decimal], mode: TaxMode
) -> None:
    lines = tuple(
        around.line(f"l{n}", quantity=Decimal(1), unit_price=price, tax_rate=Decimal("8.875"))
        for n, price in enumerate(prices)
    )
    document = around.invoice(lines, tax_mode=mode)
    XERO.check(document, CONTEXT)
    amounts = document_lines.tax_amounts(document, CONTEXT, always=True)
    assert amounts is not None
    assert sum(amounts) == document.totals.tax
    base = 100 + Decimal("8.875") if mode == TaxMode.INCLUSIVE else Decimal(100)
    for price, tax in zip(prices, amounts, strict=True):
        assert abs(tax - price * Decimal("8.875") / base) < CENT


@given(documents())
def test_a_request_is_the_same_bytes_twice(document: Invoice) -> None:
    assume(document.lines)
    writes = [create(document)]
    assert XERO.request(writes, CONTEXT) == XERO.request(writes, CONTEXT)


@pytest.mark.parametrize("field", ["name", "first_name", "email", "phone"])
def test_a_nul_never_gets_here(field: str) -> None:
    with pytest.raises(ValidationError, match="control character"):
        builders.contact(**{field: "a\x00b"})
