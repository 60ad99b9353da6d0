"""What comes back of what was sent, for whatever a product may say."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from contracts.entities import (
    Address,
    Allocation,
    Bill,
    Contact,
    CreditNote,
    Entity,
    Invoice,
    Item,
    Line,
    LineKind,
    Payment,
    PurchaseOrder,
    Refund,
    TaxMode,
    TrackingChoice,
)
from contracts.values import EntityType
from libs.connector.errors import Held
from libs.connector.interface import Answer, Context, Record, Write
from libs.connector.money import totals_of
from libs.connector.states import state_of
from tests.services.connectors.quickbooks_online import around, echo
from tests.services.connectors.quickbooks_online.around import QBO

WIDE = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
CONTEXTS = {
    "us": around.context(),
    "automated": around.context(around.AUTOMATED),
    "abroad": around.context(around.ABROAD),
}
PRINTABLE = st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from("\n\t:[]'\\~ ")
texts = st.text(PRINTABLE, max_size=60)
names = st.text(PRINTABLE, min_size=1, max_size=120).filter(lambda said: said.strip())
cents = st.decimals("0.01", "99999.99", places=2)
prices = st.decimals("-9999.9999", "9999.9999", places=4)
quantities = st.decimals("0", "999.9999", places=4)
discounts = st.none() | st.decimals("0", "100", places=2)
attributes = st.dictionaries(names, names, max_size=3)
days = st.dates(date(2020, 1, 1), date(2035, 1, 1))

addresses = st.builds(
    Address,
    kind=st.sampled_from(["billing", "delivery"]),
    lines=texts,
    city=texts,
    region=texts,
    postal_code=texts,
    country=st.sampled_from(["GB", "US", "DE", "ZZ", None]),
)
contacts = st.builds(
    Contact,
    id=st.just("c1"),
    name=names,
    customer=st.booleans(),
    supplier=st.booleans(),
    first_name=texts,
    last_name=texts,
    email=texts,
    phone=texts,
    tax_number=texts,
    company_number=texts,
    addresses=st.lists(addresses, max_size=2, unique_by=lambda one: one.kind).map(tuple),
    parent=st.sampled_from([None, "c9"]),
    status=st.sampled_from(["active", "archived"]),
    attributes=attributes,
    link=texts,
)
items = st.builds(
    Item,
    id=st.just("p1"),
    code=names,
    name=texts,
    description=texts,
    kind=st.sampled_from(LineKind),
    unit_price=st.none() | prices,
    purchase_price=st.none() | cents,
    status=st.sampled_from(["active", "archived"]),
)


def lines(rates: list[str]) -> st.SearchStrategy[tuple[Line, ...]]:
    one = st.builds(
        Line,
        id=st.uuids().map(str),
        kind=st.sampled_from([LineKind.PART]),
        item=st.sampled_from([None, "p1"]),
        description=texts,
        quantity=quantities,
        unit_price=prices,
        discount_percent=discounts,
        tax_rate=st.sampled_from([Decimal(rate) for rate in rates]),
        account=st.sampled_from([None, "4000"]),
        location=st.sampled_from([None, None, "north", "south"]),
        tracking=st.sampled_from([(), (TrackingChoice(tracking="trade", option="design"),)]),
    )
    return st.lists(one, min_size=1, max_size=4).map(tuple)


@st.composite
def documents(draw: st.DrawFn, /, kind: type[Any], where: str, **more: Any) -> Any:
    abroad = where == "abroad"
    sold = draw(lines(["0", "20", "8.875"] if abroad else ["0", draw(st.sampled_from(["6.25"]))]))
    mode = draw(st.sampled_from(TaxMode)) if abroad else TaxMode.EXCLUSIVE
    if kind in (Bill, PurchaseOrder):
        sold = tuple(one.model_copy(update={"account": None}) for one in sold)
        if not abroad:
            sold = tuple(one.model_copy(update={"tax_rate": Decimal(0)}) for one in sold)
    shared = {
        "id": "i1",
        "number": draw(texts),
        "issue_date": draw(days),
        "currency": draw(st.sampled_from(["GBP", "EUR"])) if abroad else "USD",
        "exchange_rate": draw(st.none() | st.decimals("0.0001", "999", places=6)),
        "tax_mode": mode,
        "lines": sold,
        "totals": totals_of(sold, mode),
        "job": draw(texts),
        "note": draw(texts),
        "location": draw(st.sampled_from([None, "north", "south", "nowhere"])),
        "attributes": draw(attributes),
        "link": draw(texts),
    }
    return kind(**shared, **{name: draw(found) for name, found in more.items()})


sales = {
    "customer": st.just("c1"),
    "purchase_order": texts,
}
payments = st.builds(
    Payment,
    id=st.just("y1"),
    contact=st.just("c1"),
    date=days,
    amount=cents,
    currency=st.just("USD"),
    method=st.sampled_from(["", "card"]),
    reference=texts,
    attributes=attributes,
    link=texts,
)
refunds = st.builds(
    Refund,
    id=st.just("r1"),
    contact=st.just("c1"),
    date=days,
    amount=cents,
    currency=st.just("USD"),
    reference=texts,
    attributes=attributes,
)


def holds(entity: Entity, context: Context) -> None:
    """Normalised is what the vendor shows, and is the same a second time."""
    try:
        QBO.check(entity, context)
    except Held:
        assume(False)
    once = QBO.normalised(entity, context)
    assert state_of(QBO.normalised(once, context)) == state_of(once)
    write = around.create(entity)
    record = answered(write, context)
    shown = QBO.entity(record, context)
    assert in_our_lines(shown, once) == without_records(once)
    assert record.marker == around.MARKER or write.type is EntityType.ITEM


def answered(write: Write, context: Context) -> Record:
    request = QBO.request([write], context)
    answer: Answer = echo.answer(request)
    (result,) = QBO.results([write], answer, context)
    assert isinstance(result, Record), result
    return result


def without_records(entity: Entity) -> dict[str, Any]:
    """A create makes the main record alone, and applies nothing yet."""
    state = state_of(entity)
    if isinstance(entity, Contact) and entity.customer:
        state["supplier"] = False
    return {k: v for k, v in state.items() if not k.startswith("allocations.") or is_money(entity)}


def is_money(entity: Entity) -> bool:
    return isinstance(entity, Payment | Refund)


def in_our_lines(shown: Entity, ours: Entity) -> dict[str, Any]:
    if not isinstance(shown, Invoice | CreditNote | Bill | PurchaseOrder):
        return state_of(shown)
    assert isinstance(ours, Invoice | CreditNote | Bill | PurchaseOrder)
    pairs = zip(shown.lines, ours.lines, strict=True)
    named = tuple(line.model_copy(update={"id": own.id}) for line, own in pairs)
    return state_of(shown.model_copy(update={"lines": named}))


@WIDE
@given(contacts)
def test_contacts(contact: Contact) -> None:
    holds(contact, CONTEXTS["us"])


@WIDE
@given(items)
def test_items(item: Item) -> None:
    holds(item, CONTEXTS["us"])


@WIDE
@given(documents(Invoice, "us", due_date=st.none() | days, buyer_reference=texts, **sales))
def test_invoices(invoice: Invoice) -> None:
    holds(invoice, CONTEXTS["us"])


@WIDE
@given(documents(Invoice, "us", due_date=st.none() | days, **sales))
def test_invoices_of_an_automated_company(invoice: Invoice) -> None:
    holds(invoice, CONTEXTS["automated"])


@WIDE
@given(documents(Invoice, "abroad", due_date=st.none() | days, **sales))
def test_invoices_abroad(invoice: Invoice) -> None:
    holds(invoice, CONTEXTS["abroad"])


@WIDE
@given(documents(CreditNote, "us", invoice=st.sampled_from([None, "i7"]), **sales))
def test_credit_notes(note: CreditNote) -> None:
    holds(note, CONTEXTS["us"])


@WIDE
@given(documents(PurchaseOrder, "abroad", supplier=st.just("c1"), delivery_date=st.none() | days))
def test_purchase_orders(order: PurchaseOrder) -> None:
    holds(order, CONTEXTS["abroad"])


@WIDE
@given(
    documents(
        Bill,
        "us",
        supplier=st.just("c1"),
        due_date=st.none() | days,
        purchase_orders=st.sampled_from([(), ("o1",), ("o1", "o2")]),
    )
)
def test_bills(bill: Bill) -> None:
    holds(bill, CONTEXTS["us"])


@WIDE
@given(payments, st.booleans())
def test_payments(payment: Payment, whole: bool) -> None:
    share = payment.amount if whole else Decimal("0.01")
    allocated = (Allocation(document="i1", amount=share),)
    holds(payment.model_copy(update={"allocations": allocated}), CONTEXTS["us"])
    paid = (Allocation(document="b1", document_type="bill", amount=payment.amount),)
    out = {"direction": "paid", "allocations": paid}
    holds(payment.model_copy(update=out), CONTEXTS["us"])


@WIDE
@given(refunds)
def test_refunds(refund: Refund) -> None:
    holds(refund, CONTEXTS["us"])
