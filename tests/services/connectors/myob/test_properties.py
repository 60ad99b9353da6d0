"""What must hold of every entity, tried with made-up ones."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.entities import (
    Address,
    Bill,
    Contact,
    CreditNote,
    DocumentStatus,
    Entity,
    Invoice,
    Item,
    Line,
    LineKind,
    Payment,
    PurchaseOrder,
    RecordStatus,
    Refund,
    TaxMode,
    TrackingChoice,
)
from libs.connector.interface import Record
from libs.connector.lines import match_lines, renamed
from libs.connector.money import totals_of
from libs.connector.states import state_of
from services.connectors.myob.mapping.documents import Paper
from services.connectors.myob.mapping.wire import MARKER, memo, shortened, unmarked
from tests.services.connectors.myob import around, echo
from tests.services.connectors.myob.around import MYOB, create

CONTEXT = around.context()
CHARACTERS = st.characters(exclude_categories=["Cc", "Cs"])
TEXT = st.text(CHARACTERS, max_size=40)
LONG = st.text(CHARACTERS, max_size=255)
NAMES = st.text(CHARACTERS, min_size=1, max_size=255)
LINES_OF_TEXT = st.lists(TEXT, max_size=6).map("\n".join)
DATES = st.dates(date(2020, 1, 1), date(2032, 12, 31))
SOME_RATES = st.sampled_from([Decimal(10), Decimal("8.875"), Decimal(0), None])
CHOICES = st.sampled_from([(), (TrackingChoice(tracking="fair", option="spring"),)])
MONEY = st.decimals(Decimal("0.01"), Decimal(9999), places=2)
LINES = st.builds(
    Line,
    id=st.just("x"),
    kind=st.sampled_from(LineKind),
    item=st.sampled_from(["p1", "p2", None]),
    description=LINES_OF_TEXT,
    quantity=st.decimals(Decimal(0), Decimal(5000), places=4),
    unit_price=st.decimals(Decimal(0), Decimal(2000), places=6),
    discount_percent=st.none() | st.decimals(Decimal(0), Decimal(100), places=2),
    tax_rate=SOME_RATES,
    tracking=CHOICES,
    location=st.sampled_from([None, "shop", "north"]),
)
LINE_LISTS = st.lists(LINES, min_size=1, max_size=5).map(
    lambda lines: tuple(line.model_copy(update={"id": f"l.{n}~"}) for n, line in enumerate(lines))
)
ALLOCATED = st.dictionaries(st.sampled_from(["i1", "i2", "i3"]), MONEY, max_size=3)


def shares(found: dict[str, Decimal], kind: str = "invoice") -> list[dict[str, Any]]:
    return [{"document": d, "document_type": kind, "amount": a} for d, a in found.items()]


@st.composite
def documents(draw: st.DrawFn, kind: type[Any]) -> Any:
    lines, mode, issued = draw(LINE_LISTS), draw(st.sampled_from(TaxMode)), draw(DATES)
    currency = draw(st.sampled_from(["AUD", "USD"]))
    party = "customer" if kind in (Invoice, CreditNote) else "supplier"
    fields: dict[str, Any] = {
        "id": "d1",
        "number": draw(st.sampled_from(["7", "INV-1", "Ünï/№ 7", "A-VERY-LONG-NUMBER-0042"])),
        "status": draw(st.sampled_from([DocumentStatus.APPROVED, DocumentStatus.SENT])),
        "issue_date": issued,
        "currency": currency,
        "exchange_rate": draw(st.decimals(Decimal("0.01"), Decimal(99), places=6)),
        "tax_mode": mode,
        "lines": lines,
        "totals": totals_of(lines, mode),
        "job": draw(LONG),
        "note": draw(st.text(CHARACTERS, max_size=400)),
        "location": draw(st.sampled_from([None, "north"])),
        party: "c1" if party == "customer" else "c2",
    }
    if kind in (Invoice, Bill):
        fields["due_date"] = draw(st.none() | st.dates(issued, date(2033, 12, 31)))
    if kind in (Invoice, CreditNote):
        fields["purchase_order"] = draw(TEXT)
    if kind is Bill:
        fields["purchase_orders"] = draw(st.sampled_from([(), ("o1",)]))
    if kind is CreditNote:
        fields["allocations"] = shares(draw(ALLOCATED))
    return kind.model_validate(fields)


CONTACTS = st.builds(
    Contact,
    id=st.sampled_from(["c1", "customer-4711-of-berlin"]),
    name=NAMES,
    customer=st.booleans(),
    supplier=st.booleans(),
    first_name=TEXT,
    last_name=TEXT,
    email=TEXT,
    phone=TEXT,
    tax_number=st.sampled_from(["", "51 824 753 556", "51824753556", "NZ 1"]),
    status=st.sampled_from(RecordStatus),
    addresses=st.lists(
        st.builds(
            Address,
            kind=st.sampled_from(["billing", "delivery"]),
            lines=LINES_OF_TEXT,
            city=TEXT,
            region=TEXT,
            postal_code=TEXT,
            country=st.sampled_from([None, "AU", "GB"]),
        ),
        max_size=2,
        unique_by=lambda address: address.kind,
    ).map(tuple),
)
PERSONS = st.builds(
    lambda first, last: Contact(id="c1", name=f"{first} {last}", first_name=first, last_name=last),
    st.sampled_from(["Mary", "Mary Ann"]),
    st.sampled_from(["Smith", "van der Berg", "X" * 31]),
)
ITEMS = st.builds(
    Item,
    id=st.just("p1"),
    code=NAMES.map(lambda code: code.strip() or "p1"),
    name=TEXT,
    description=st.text(CHARACTERS, max_size=400),
    unit_price=st.none() | st.decimals(Decimal(0), Decimal(2000), places=6),
    purchase_price=st.none() | st.decimals(Decimal(0), Decimal(2000), places=6),
    tax_code=st.sampled_from([None, "ODD"]),
    account=st.sampled_from([None, "4-2000"]),
    status=st.sampled_from(RecordStatus),
)


@st.composite
def payments(draw: st.DrawFn) -> Payment:
    found, direction = draw(ALLOCATED), draw(st.sampled_from(["received", "paid"]))
    received = direction == "received"
    rest = draw(MONEY) if received else Decimal(0)
    kind = "invoice" if received else "bill"
    found = found or ({} if received else {"b1": Decimal(1)})
    return Payment.model_validate(
        {
            "id": "y1",
            "direction": direction,
            "contact": "c1" if received else "c2",
            "date": draw(DATES),
            "amount": sum(found.values(), rest),
            "currency": "AUD",
            "method": "",
            "reference": draw(LONG),
            "allocations": shares(found, kind),
        }
    )


@st.composite
def refunds(draw: st.DrawFn) -> Refund:
    amount = draw(MONEY)
    return Refund.model_validate(
        {
            "id": "r1",
            "contact": "c1",
            "date": draw(DATES),
            "amount": amount,
            "currency": "AUD",
            "reference": draw(LONG),
            "allocations": shares({"n1": amount}, "credit_note"),
        }
    )


PAPERS = documents(Invoice) | documents(CreditNote) | documents(PurchaseOrder) | documents(Bill)
MONEYS = payments() | refunds()
ENTITIES = PAPERS | CONTACTS | PERSONS | ITEMS | MONEYS


@given(ENTITIES)
@settings(max_examples=400)
def test_normalised_is_idempotent(entity: Entity) -> None:
    once = MYOB.normalised(entity, CONTEXT)
    assert state_of(MYOB.normalised(once, CONTEXT)) == state_of(once)


def first_call(entity: Entity) -> Entity:
    """What the first call brings about: the sides come after it."""
    step = MYOB.step(create(entity), CONTEXT)
    return step.entity if step else entity


def made(entity: Entity) -> Record:
    request = MYOB.request([create(entity)], CONTEXT)
    computed = {"AmountReceived": 0} if isinstance(entity, Payment) else {}
    (result,) = MYOB.results([create(entity)], echo.answer(request, **computed), CONTEXT)
    assert isinstance(result, Record)
    return result


@given(ENTITIES)
@settings(max_examples=400)
def test_the_ledger_shows_what_normalised_says(entity: Entity) -> None:
    sent = first_call(entity)
    record = made(sent)
    if not isinstance(entity, Item):
        assert record.marker == around.MARKER
    raw = state_of(MYOB.entity(record, CONTEXT))
    expected = state_of(MYOB.normalised(sent, CONTEXT))
    assert renamed(raw, match_lines(raw, expected, {})) == expected


@given(PAPERS)
def test_what_has_a_field_survives(document: Any) -> None:
    shown = MYOB.normalised(document, CONTEXT)
    assert isinstance(shown, Paper)
    assert shown.issue_date == document.issue_date
    assert shown.currency == document.currency
    assert shown.job == memo(document.job)
    if isinstance(document, Invoice | Bill) and isinstance(shown, Invoice | Bill):
        assert shown.due_date == (document.due_date or document.issue_date)
    for own, line in zip(document.lines, shown.lines, strict=True):
        assert line.id == own.id
        amount = own.quantity * own.unit_price * (100 - (own.discount_percent or 0)) / 100
        told = line.quantity * line.unit_price * (100 - (line.discount_percent or 0)) / 100
        assert abs(amount - told) < Decimal("0.0051")


@given(PAPERS)
def test_a_document_comes_to_what_its_lines_do(document: Any) -> None:
    totals = made(first_call(document)).totals
    assert totals is not None
    assert totals == document.totals


@given(st.text(CHARACTERS, max_size=60), st.integers(13, 30))
def test_a_cut_text_fits_and_stays_as_it_is(text: str, length: int) -> None:
    cut = shortened(text, length)
    assert len(cut) <= length
    assert shortened(cut, length) == cut
    assert (cut == text) == (len(text) <= length)


@given(LONG)
def test_a_memo_keeps_room_for_the_marker(text: str) -> None:
    held = f"{memo(text)} {around.MARKER}".strip()
    assert len(held) <= 255
    assert unmarked(held) == (memo(text), around.MARKER)
    assert not MARKER.search(memo(text))
