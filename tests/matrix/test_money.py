"""Rows 11 to 17: payments, credits and refunds, each way."""

from decimal import Decimal

from contracts.entities import Allocation, Invoice, Payment, Refund
from contracts.features import Feature
from libs.testing.builders import contact, credit_note, invoice, line
from tests.flows import acts
from tests.matrix.cells import row
from tests.matrix.desk import Desk

HUNDRED = Decimal(100)
DAY = "2026-03-06"


def paid(entity: str, amount: str, **shares: str) -> Payment:
    """A payment of so much, over these invoices."""
    return Payment.model_validate(
        {
            "id": entity,
            "contact": "c1",
            "date": DAY,
            "amount": amount,
            "currency": "GBP",
            "allocations": [
                Allocation(document=document, amount=Decimal(share)).model_dump(mode="json")
                for document, share in shares.items()
            ],
        }
    )


@row(Feature.PAYMENTS_OUT)
async def test_part_and_full_payments_go_out(desk: Desk) -> None:
    await desk.save(contact(), one("i1"), one("i2"))
    await desk.save(paid("y1", "40.00", i1="40.00"), paid("y2", "100.00", i2="100.00"))
    books = await desk.proven()
    assert books.invoices["INV-i1"].open == 60
    assert books.invoices["INV-i2"].open == 0


@row(Feature.PAYMENTS_IN)
async def test_a_payment_made_there_comes_in_and_its_end_reopens_the_invoice(desk: Desk) -> None:
    """A credit lowers the balance too, but only the payment becomes a payment."""
    await desk.save(contact(), one("i1"))
    there = await desk.ledger.pay({"INV-i1": Decimal(60)})
    await desk.ledger.add_credit("CR-1", "Harbour Joinery c1", [("Goodwill", Decimal(1), HUNDRED)])
    await desk.ledger.apply_credit("CR-1", "INV-i1", Decimal(40))
    books = await desk.proven()
    assert books.invoices["INV-i1"].open == 0
    assert [one.amount for one in books.payments] == [60]
    await desk.ledger.unpay(there)
    books = await desk.proven()
    assert books.invoices["INV-i1"].open == 60
    assert not books.payments


@row(Feature.PAYMENTS_IN)
async def test_a_payment_dated_long_before_comes_in(desk: Desk) -> None:
    """The bookkeeper has caught up on old statements; one of them closes the invoice."""
    await desk.save(contact(), one("i1"))
    # What was there when the connection began is no news: the first look is over.
    await desk.come_back()
    await desk.ledger.pay({"INV-i1": Decimal(60)}, date=DAY)
    await desk.ledger.pay({"INV-i1": Decimal(40)}, date=DAY)
    books = await desk.proven()
    assert books.invoices["INV-i1"].open == 0
    assert [money.date for money in books.payments] == [DAY, DAY]


@row(Feature.PAYMENT_OVER_SEVERAL)
async def test_one_payment_over_nineteen_invoices_is_one_payment(desk: Desk) -> None:
    """Part of each, made on either side, and reversed."""
    numbers = [f"i{n}" for n in range(1, 20)]
    await desk.save(contact(), *map(one, numbers))
    await desk.save(paid("y1", "190.00", **dict.fromkeys(numbers, "10.00")))
    books = await desk.proven()
    assert [len(money.shares) for money in books.payments] == [19]
    there = await desk.ledger.pay({f"INV-{number}": Decimal(20) for number in numbers})
    books = await desk.proven()
    assert sorted(money.amount for money in books.payments) == [190, 380]
    await desk.edit("payment", "y1", status="void")
    await desk.ledger.unpay(there)
    books = await desk.proven()
    assert books.payments == []
    assert {document.open for document in books.invoices.values()} == {HUNDRED}


@row(Feature.SPLIT_PAYMENTS)
async def test_several_payments_on_one_invoice(desk: Desk) -> None:
    await desk.save(contact(), one("i1"))
    await desk.save(paid("y1", "25.00", i1="25.00"), paid("y2", "30.00", i1="30.00"))
    await desk.ledger.pay({"INV-i1": Decimal(45)})
    books = await desk.proven()
    assert books.invoices["INV-i1"].open == 0
    assert sorted(money.amount for money in books.payments) == [25, 30, 45]


@row(Feature.OVERPAYMENT)
async def test_what_is_paid_too_much_is_used_later_from_either_side(desk: Desk) -> None:
    """105.95 on 100: of the 5.95 two go to the next invoice from here, the rest from there."""
    await desk.save(contact(), one("i1"), one("i2"))
    await desk.save(paid("y1", "105.95", i1="100.00"))
    books = await desk.proven()
    assert [money.rest for money in books.payments] == [Decimal("5.95")]
    shares = paid("y1", "105.95", i1="100.00", i2="2.00").model_dump(mode="json")["allocations"]
    await desk.edit("payment", "y1", allocations=shares)
    books = await desk.proven()
    assert books.invoices["INV-i2"].open == 98
    await desk.ledger.apply_rest("Harbour Joinery c1", "INV-i2", Decimal("3.95"))
    books = await desk.proven()
    assert books.payments[0].rest == 0
    assert books.invoices["INV-i2"].open == Decimal("94.05")


@row(Feature.OVERPAYMENT)
async def test_what_is_paid_too_much_is_given_back(desk: Desk) -> None:
    """Of 5.95 two from here, where the vendor takes that, and what is left from there."""
    await desk.save(contact(), one("i1"))
    await desk.save(paid("y1", "105.95", i1="100.00"))
    left = Decimal("5.95")
    if desk.ledger.gives_back:
        await desk.save(refund("r1", "2.00", "y1", "payment", desk.ledger.currency))
        left -= 2
    await desk.ledger.refund_rest("Harbour Joinery c1", left)
    books = await desk.proven()
    assert [money.rest for money in books.payments] == [0]
    assert sum(money.amount for money in books.refunds) == Decimal("5.95")
    assert books.receivable == 0


@row(Feature.PAYMENT_MOVED)
async def test_a_payment_moved_stays_one_payment(desk: Desk) -> None:
    await desk.save(contact(), one("i1"), one("i2"))
    await desk.save(paid("y1", "40.00", i1="40.00"))
    await desk.edit("payment", "y1", allocations=[share("i2", "40.00")])
    books = await desk.proven()
    assert books.invoices["INV-i1"].open == HUNDRED
    assert books.invoices["INV-i2"].open == 60
    assert len(books.payments) == 1


@row(Feature.REFUNDS_AND_CREDITS)
async def test_credits_are_applied_left_open_and_paid_back(desk: Desk) -> None:
    """Made on either side: one applied to an invoice, one not, one given back in cash."""
    part = [line("l1", quantity=Decimal(1), unit_price=Decimal(30))]
    await desk.save(contact(), one("i1"), one("i2"))
    await desk.save(
        credit_note("n1", part, allocations=(share_of("i1", "30.00"),)),
        credit_note("n2", part),
        credit_note("n3", part),
    )
    back = refund("r1", "30.00", "n3", "credit_note", desk.ledger.currency)
    await given_back(desk, back, "CN-n3")
    books = await desk.proven()
    assert books.invoices["INV-i1"].open == 70
    left = {number: document.open for number, document in books.credit_notes.items()}
    assert left == {"CN-n1": 0, "CN-n2": 30, "CN-n3": 0}
    await desk.ledger.apply_credit("CN-n2", "INV-i2", Decimal(10))
    await desk.ledger.add_credit("CR-9", "Harbour Joinery c1", [("Broken", Decimal(1), HUNDRED)])
    await desk.ledger.refund_credit("CR-9", Decimal(60))
    books = await desk.proven()
    assert books.credit_notes["CN-n2"].open == 20
    assert books.credit_notes["CR-9"].open == 40
    given = [(money.who, money.amount, money.shares) for money in books.refunds]
    assert ("Harbour Joinery c1", Decimal(60), (("CR-9", Decimal(60)),)) in given


def refund(entity: str, amount: str, document: str, kind: str, currency: str) -> Refund:
    """So much money back of a credit note or a payment."""
    return Refund.model_validate(
        {
            "id": entity,
            "contact": "c1",
            "date": DAY,
            "amount": amount,
            "currency": currency,
            "allocations": [{**share(document, amount), "document_type": kind}],
        }
    )


async def given_back(desk: Desk, refund: Refund, credit: str) -> None:
    """The product's user pays a credit back; held where a person must do it in the ledger."""
    if desk.ledger.gives_back:
        await desk.save(refund)
        return
    await acts.post(desk.world, refund.model_dump(mode="json"))
    held = await desk.held("refund", refund.id)
    assert held["hold_sentence"]
    assert held["hold_action"]
    await desk.edit("refund", refund.id, status="void")
    await desk.ledger.refund_credit(credit, refund.amount)


def one(entity: str) -> Invoice:
    """An invoice of 100 without tax."""
    return invoice(entity, [line("l1", quantity=Decimal(1), unit_price=HUNDRED)])


def share(document: str, amount: str) -> dict[str, str]:
    return {"document": document, "document_type": "invoice", "amount": amount}


def share_of(document: str, amount: str) -> Allocation:
    return Allocation(document=document, amount=Decimal(amount))
