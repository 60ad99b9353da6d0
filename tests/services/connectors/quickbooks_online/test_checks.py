"""What is held before any call, and what a person is told to do."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from contracts.entities import Allocation, Entity, PurchaseOrder, Refund
from libs.connector.errors import Held, NotReady
from libs.testing import builders
from tests.services.connectors.quickbooks_online import around, samples
from tests.services.connectors.quickbooks_online.around import QBO, invoice, line

US = around.context()
DAY = builders.DAY


def share(amount: str, kind: str = "invoice") -> tuple[Allocation, ...]:
    one = {"document": "d1", "document_type": kind, "amount": Decimal(amount)}
    return (Allocation.model_validate(one),)


def payment(**more: Any) -> Entity:
    default: dict[str, Any] = {"amount": Decimal(10), "currency": "USD"}
    return builders.payment(builders.invoice(), **default | more)


def order() -> PurchaseOrder:
    found = next(one for one in samples.bought("USD") if isinstance(one, PurchaseOrder))
    assert isinstance(found, PurchaseOrder)
    return found


HELD: tuple[tuple[str, Entity, str], ...] = (
    ("a draft", invoice(status="draft"), "draft"),
    ("no line", invoice(()), "no-lines"),
    ("too many lines", invoice(tuple(line(f"l{n}") for n in range(751))), "too-large"),
    ("negative", invoice((line(unit_price=Decimal(-1), tax_rate=Decimal(0)),)), "negative"),
    ("a currency nobody uses", invoice(currency="EUR"), "currency"),
    ("more than it pays", payment(allocations=share("10.01")), "cannot-say"),
    ("below a cent", payment(amount=Decimal("1.001"), allocations=()), "cannot-say"),
    ("a negative payment", payment(amount=Decimal(-1), allocations=()), "cannot-say"),
    ("of a credit note", payment(allocations=share("10", "credit_note")), "cannot-say"),
    ("received for a bill", payment(allocations=share("10", "bill")), "cannot-say"),
    (
        "a bill overpaid",
        payment(direction="paid", allocations=share("9", "bill")),
        "cannot-say",
    ),
    (
        "more credit than there is",
        builders.credit_note(currency="USD", allocations=share("101")),
        "cannot-say",
    ),
    ("whose currency nobody uses", builders.contact(currency="EUR"), "currency"),
    ("a long e-mail", builders.contact(email="x" * 101), "too-long"),
)


@pytest.mark.parametrize("row", HELD, ids=[row[0] for row in HELD])
def test_what_is_held(row: tuple[str, Entity, str]) -> None:
    _, entity, reason = row
    with pytest.raises(Held) as raised:
        QBO.check(entity, US)
    assert raised.value.reason == reason
    assert raised.value.action
    assert entity.id in raised.value.sentence


def test_a_closed_period() -> None:
    closed = around.context(lock_date=date(2026, 3, 1))
    for entity in (invoice(), payment(date=date(2026, 3, 1))):
        with pytest.raises(Held) as raised:
            QBO.check(entity, closed)
        assert raised.value.reason == "period-locked"
        assert "2026-03-02" in raised.value.action
    QBO.check(invoice(issue_date=date(2026, 3, 2)), closed)


def test_an_order_needs_what_is_owed_to() -> None:
    words = around.WORDS
    QBO.check(order(), US)
    with pytest.raises(Held) as raised:
        QBO.check(order(), around.context(frozenset({"us", "item:79:11"}), words))
    assert raised.value.reason == "account"


def test_a_line_without_an_item_needs_one_that_posts_to_its_account() -> None:
    bare = invoice((line(account="4100"),))
    with pytest.raises(Held, match="4100") as raised:
        QBO.normalised(bare, US)
    assert raised.value.reason == "unmapped"


def test_an_item_chosen_for_a_kind_of_line_is_taken() -> None:
    chosen = around.context(words=around.WORDS | {("item", "part"): "77"})
    sent = QBO.request([around.create(invoice((line(),)))], chosen)
    assert b'"ItemRef":{"value":"77"}' in sent.body


def test_what_is_bought_is_never_booked_to_income_unasked() -> None:
    words = {key: value for key, value in around.WORDS.items() if "purchase" not in key[1]}
    with pytest.raises(Held, match="purchase_part"):
        QBO.normalised(order(), around.context(words=words))


def test_a_credit_is_not_refunded_twice() -> None:
    """A refund receipt takes the sale back and uses no credit: whatever is mapped, it is held."""
    refund = Refund(
        id="r1",
        contact="c1",
        date=DAY,
        amount=Decimal(10),
        currency="USD",
        allocations=share("10", "credit_note"),
    )
    with pytest.raises(Held) as raised:
        QBO.normalised(refund, around.context())
    assert raised.value.reason == "not-offered"
    plain = refund.model_copy(update={"allocations": ()})
    QBO.normalised(plain, around.context())


def test_a_bill_waits_for_the_supplier_record() -> None:
    alone = around.context(alone=("s1",))
    with pytest.raises(NotReady):
        QBO.normalised(order(), alone)


@pytest.mark.parametrize("entity", samples.bought("USD")[2:4], ids=["order", "bill"])
def test_a_bought_document_that_is_voided_differs_from_what_is_there(entity: Entity) -> None:
    """Else there would be nothing to write, and it would stay."""
    void = entity.model_copy(update={"status": "void"})
    assert getattr(QBO.normalised(entity, US), "status", "") == "approved"
    assert getattr(QBO.normalised(void, US), "status", "") == "void"
