"""What is held before a call, and which call of several comes next."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from contracts.entities import Bill, CreditNote, Entity, Payment, Refund
from contracts.values import EntityType
from libs.connector.errors import Held, NotReady
from libs.connector.interface import Verb
from libs.connector.money import totals_of
from libs.testing import builders
from services.connectors.myob import settlements
from tests.services.connectors.myob import around
from tests.services.connectors.myob.around import MYOB, PlainIds, create, update

DAY = date(2026, 9, 1)
PART = builders.line("l1", item="p1", tax_rate=Decimal(10))
PLAIN = builders.line("l1", tax_rate=Decimal(10))


def sale(**fields: Any) -> Any:
    lines = fields.pop("lines", (PART,))
    return builders.invoice(
        "i1", lines, **{"currency": "AUD", "issue_date": DAY, "due_date": DAY} | fields
    )


def note(*pairs: tuple[str, str], **fields: Any) -> CreditNote:
    shares = tuple({"document": one, "amount": Decimal(amount)} for one, amount in pairs)
    return builders.credit_note(
        "n1", (PART,), currency="AUD", issue_date=DAY, allocations=shares, **fields
    )


def money(kind: type[Payment] | type[Refund], amount: str, *shares: Any, **fields: Any) -> Any:
    found = [
        {"document": document, "document_type": type_, "amount": Decimal(applied)}
        for type_, document, applied in shares
    ]
    default = {"id": "y1", "contact": "c1", "date": DAY, "currency": "AUD"}
    return kind.model_validate(
        {**default, "amount": Decimal(amount), "allocations": found, **fields}
    )


def bill(*orders: str) -> Bill:
    return Bill(
        id="b1",
        supplier="c2",
        issue_date=DAY,
        currency="AUD",
        lines=(PLAIN,),
        totals=totals_of((PLAIN,), "exclusive"),
        purchase_orders=orders,
    )


NEGATIVE = builders.line("l1", unit_price=Decimal(-9), tax_rate=Decimal(10))
HELD: Mapping[str, tuple[Entity, str]] = {
    "draft": (sale(status="draft"), "draft"),
    "no lines": (sale(lines=()), "no-lines"),
    "negative": (sale(lines=(NEGATIVE,)), "negative"),
    "a credit of nothing": (
        builders.credit_note("n1", (NEGATIVE,), currency="AUD"),
        "negative",
    ),
    "due before": (sale(due_date=date(2026, 8, 31)), "terms"),
    "locked": (sale(issue_date=date(2026, 6, 30)), "period-locked"),
    "two orders": (bill("o1", "o2"), "orders"),
    "an order of items": (bill("o1"), "orders"),
    "too much applied": (note(("i1", "99")), "allocations"),
    "parts of cents": (note(("i1", "0.005")), "allocations"),
    "a payment before the lock": (
        money(Payment, "5", ("invoice", "i1", "5"), date=date(2026, 6, 30)),
        "period-locked",
    ),
    "a payment of a bill, received": (money(Payment, "5", ("bill", "b1", "5")), "allocations"),
    "a payment of nothing": (money(Payment, "0"), "amount"),
    "less than it pays": (money(Payment, "5", ("invoice", "i1", "6")), "amount"),
    "too much paid to a supplier": (
        money(Payment, "9", ("bill", "b1", "5"), direction="paid"),
        "overpayment",
    ),
    "too much in the till": (money(Payment, "9", method="till"), "overpayment"),
    "too much in dollars": (money(Payment, "9", currency="USD"), "overpayment"),
    "a refund of two": (
        money(Refund, "9", ("credit_note", "n1", "4"), ("credit_note", "n2", "5")),
        "allocations",
    ),
    "a refund of an invoice": (money(Refund, "9", ("invoice", "i1", "9")), "allocations"),
    "a refund of less": (money(Refund, "9", ("credit_note", "n1", "4")), "amount"),
    "a refund in dollars": (
        money(Refund, "4", ("credit_note", "n1", "4"), currency="USD"),
        "currency",
    ),
}


@pytest.mark.parametrize("row", HELD.values(), ids=HELD)
def test_it_is_held_with_what_to_do(row: tuple[Entity, str]) -> None:
    entity, reason = row
    with pytest.raises(Held) as held:
        MYOB.check(entity, around.context(lock_date=date(2026, 6, 30)))
    assert held.value.reason == reason
    assert held.value.action


@pytest.mark.parametrize(
    "entity",
    [
        sale(),
        note(("i1", "20")),
        bill(),
        money(Payment, "9"),
        money(Refund, "4", ("payment", "y1", "4")),
    ],
)
def test_what_is_right_goes_out(entity: Entity) -> None:
    MYOB.check(entity, around.context(lock_date=date(2026, 6, 30)))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [({"currency": "CHF", "exchange_rate": Decimal(2)}, "currency"), ({"currency": "USD"}, "rate")],
)
def test_a_foreign_document_needs_its_currency_and_its_rate(
    fields: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Held) as held:
        MYOB.request([create(sale(**fields))], around.context())
    assert held.value.reason == reason


def test_a_category_is_asked_for_only_where_myob_asks() -> None:
    MYOB.request([create(sale())], around.context())
    asks = around.context(features=frozenset({"category-required"}))
    with pytest.raises(Held):
        MYOB.request([create(sale())], asks)
    MYOB.request([create(sale(location="north"))], asks)
    with pytest.raises(Held) as held:
        MYOB.request([create(sale(location="south"))], around.context())
    assert held.value.reason == "unmapped"
    MYOB.request([create(sale(location="south"))], around.context(trackings=()))


def test_an_account_that_is_gone_is_held() -> None:
    gone = around.context({("line_kind", "part"): "4-9999"})
    with pytest.raises(Held) as held:
        MYOB.request([create(sale())], gone)
    assert held.value.reason == "account"


def test_a_bill_needs_a_suppliers_card_which_may_stand_beside() -> None:
    both = PlainIds(beside={"c1": ("Supplier/s9",)})
    payment = money(Payment, "5", ("bill", "b1", "5"), direction="paid")
    body = MYOB.request([create(payment)], around.context(ids=both)).body
    assert b'"Supplier":{"UID":"s9"}' in body
    with pytest.raises(NotReady) as waits:
        MYOB.request([create(payment)], around.context())
    assert waits.value.waits_for == ((EntityType.CONTACT, "c1"),)


# Steps


def settlement(**amounts: int) -> dict[str, Any]:
    lines = [{"Sale": {"UID": uid}, "AmountApplied": amounts[uid]} for uid in amounts]
    return {"UID": "s", "Lines": lines}


def applied(**sides: dict[str, Any]) -> dict[str, Any]:
    beside = {f"CreditSettlement/{name}": side for name, side in sides.items()}
    return {"~place": "Item", "UID": "n1", "TotalAmount": -55, "~sides": beside}


def test_of_several_settlements_the_one_goes_whose_end_is_wanted() -> None:
    raw = applied(first=settlement(i3=5), second=settlement(i3=5, i1=5))
    wanted = note(("i3", "5"))
    write = update(wanted, raw, "allocations.i1.amount")
    found = settlements.superfluous(write, settlements.amounts(wanted), around.context())
    assert found == "CreditSettlement/second"
    step = MYOB.step(write, around.context())
    assert step is not None
    assert (step.verb, step.makes) == (Verb.UPDATE, False)


def test_a_step_and_its_request_are_about_the_same_settlement() -> None:
    context = around.context()
    raw = applied(one=settlement(i3=5), two=settlement(i3=5, i1=5), three=settlement(i2=7))
    write = update(note(("i3", "10")), raw, "allocations.i1.amount", "allocations.i2.amount")
    step = MYOB.step(write, context)
    assert step is not None
    assert isinstance(step.entity, CreditNote)
    found = settlements.superfluous(write, {"i3": Decimal(10)}, context)
    assert found == "CreditSettlement/two"
    told = update(step.entity, raw, "allocations.i1.amount", "allocations.i3.amount")
    request = MYOB.request([told], context)
    assert (request.method, request.path) == ("DELETE", "/Sale/CreditSettlement/two")


def test_nothing_ends_for_what_could_not_take_its_place() -> None:
    raw = {"~place": "CustomerPayment", "UID": "y1"}
    wrong = money(Payment, "5", ("invoice", "i1", "6"))
    with pytest.raises(Held):
        MYOB.step(update(wrong, raw, "amount", verb=Verb.DELETE, replaces=True), around.context())


def test_a_document_that_fits_stays() -> None:
    raw = {"~place": "Service", "UID": "i1"}
    assert MYOB.step(update(sale(), raw, "lines.l1.item"), around.context()) is None
    other = MYOB.step(
        update(sale(lines=(PLAIN,)), {**raw, "~place": "Item"}, "lines.l1.item"), around.context()
    )
    assert other is not None
    assert other.verb is Verb.DELETE


def test_a_bill_of_another_order_is_another_bill() -> None:
    raw = {"~place": "Service", "UID": "b1"}
    step = MYOB.step(update(bill("o2"), raw, "purchase_orders.o2"), around.context())
    assert step is not None
    assert step.verb is Verb.DELETE
