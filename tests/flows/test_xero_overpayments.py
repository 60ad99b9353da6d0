"""Money that is not, or not yet, for a document; what is applied later, and what is given back."""

from datetime import date
from decimal import Decimal

from contracts.entities import Allocation, MoneyStatus, Payment, Refund
from contracts.values import EntityType
from libs.testing.builders import contact, credit_note, invoice, payment
from tests.flows import acts, xero_books
from tests.flows.acts import born
from tests.flows.world import Json, World
from tests.flows.xero_books import DAY, share

LATER = "2026-03-12"


def refund(of: str, amount: str, kind: str = "credit_note", entity: str = "r1") -> Refund:
    """Money given back."""
    back = Allocation(document=of, document_type=kind, amount=Decimal(amount))  # type: ignore[arg-type]
    return Refund(
        id=entity,
        contact="c1",
        date=date.fromisoformat(LATER),
        amount=Decimal(amount),
        currency="GBP",
        allocations=(back,),
    )


def too_much(*shares: Allocation) -> Payment:
    """105.95, so much of it for invoices."""
    return payment(invoice("i1"), amount=Decimal("105.95"), allocations=shares)


async def test_an_overpayment_its_rest_applied_and_the_last_of_it_refunded(world: World) -> None:
    """105.95 on 100; 3 of the 5.95 applied by the product, taken back, 2 applied by the
    bookkeeper, the other 3.95 refunded: nothing is left on either side."""
    await world.connect()
    whole = Allocation(document="i1", amount=Decimal(100))
    await acts.save(world, contact(), invoice("i1"), invoice("i2"), too_much(whole))
    assert await xero_books.due(world) == {"INV-i1": 0, "INV-i2": 100}
    await _left(world, "5.95")
    shares = [share("i1", 100), share("i2", 3)]
    await xero_books.put(world, "payment", "y1", allocations=shares)
    assert await xero_books.due(world) == {"INV-i1": 0, "INV-i2": 97}
    await xero_books.put(world, "payment", "y1", allocations=shares[:1])
    assert await xero_books.due(world) == {"INV-i1": 0, "INV-i2": 100}
    await xero_books.nothing_more(world)
    credit, invoices = await acts.the(world, "Overpayments"), await xero_books.ids(world)
    async with xero_books.user(world) as user:
        await xero_books.apply(user, "Overpayments", credit["OverpaymentID"], invoices["INV-i2"], 2)
    applied = await acts.comes_back(world, "payment", "y1", 3)
    assert applied.after == too_much(whole, Allocation(document="i2", amount=Decimal(2)))
    await acts.save(world, refund("y1", "3.95", "payment"))
    assert await xero_books.due(world) == {"INV-i1": 0, "INV-i2": 98}
    await _left(world, "0")
    assert len((await world.documents())["BankTransactions"]) == 1
    await xero_books.nothing_more(world)
    assert len(await acts.of_product(world, "payment")) == 1
    assert len(await acts.of_product(world, "refund")) == 1


async def test_money_for_nothing_yet_lost_and_found_then_voided(world: World) -> None:
    """Money on account: its answer is lost, it is found by its marker; applied, then voided."""
    await world.connect()
    await acts.save(world, contact(), invoice("i1"))
    await world.fault("lose-answer", method="PUT", path="/BankTransactions")
    await acts.save(world, too_much())
    assert len((await world.documents())["Overpayments"]) == 1
    await xero_books.put(world, "payment", "y1", allocations=[share("i1", 40)])
    assert await xero_books.due(world) == {"INV-i1": 60}
    await xero_books.put(world, "payment", "y1", status="void")
    assert await xero_books.due(world) == {"INV-i1": 100}
    assert (await acts.the(world, "Overpayments"))["Status"] == "VOIDED"
    await xero_books.nothing_more(world)


async def test_credits_and_refunds_made_there_come_back(world: World) -> None:
    """A prepayment nobody has applied yet, a credit note refunded in cash, and the refund's end."""
    await world.connect()
    await acts.save(world, contact(), invoice("i1"), credit_note())
    writes = await world.writes()
    note = await acts.the(world, "CreditNotes")
    async with xero_books.user(world) as user:
        who = (await acts.the(world, "Contacts"))["ContactID"]
        deposit = {
            "Type": "RECEIVE-PREPAYMENT",
            "Contact": {"ContactID": who},
            "BankAccount": user.bank,
            "Date": DAY,
            "LineAmountTypes": "NoTax",
            "LineItems": [user.plain(50)],
        }
        bank = await world.bookkeeper("add", "BankTransactions", record=deposit)
        cash = {
            "CreditNote": {"CreditNoteID": note["CreditNoteID"]},
            "Account": user.bank,
            "Date": LATER,
            "Amount": 30,
        }
        back = await world.bookkeeper("add", "Payments", record=cash)
    await acts.sync(world)
    local = born(world, EntityType.PAYMENT, f"Prepayment/{bank['PrepaymentID']}")
    paid = await acts.comes_back(world, "payment", local, 0)
    assert isinstance(paid.after, Payment)
    assert (paid.after.contact, paid.after.allocations) == ("c1", ())
    assert paid.after.amount == 50
    assert paid.balance == 50
    refunded = born(world, EntityType.REFUND, back["PaymentID"])
    given = await acts.comes_back(world, "refund", refunded, 0)
    expected = refund("n1", "30", entity=refunded)
    assert given.after == expected.model_copy(update={"method": given.after.method})  # type: ignore[union-attr]
    # Made and taken back within the seconds in which hooks are gathered, only a sweep tells of it.
    await acts.caught_up(world)
    await world.bookkeeper("unpay", "Payments", back["PaymentID"])
    ended = await acts.comes_back(world, "refund", refunded, 1)
    assert ended.after == given.after.model_copy(update={"status": MoneyStatus.VOID})
    await acts.deliver_again(world)
    assert await world.writes() == writes
    assert await acts.of_product(world, "payment") != []


async def test_a_credit_note_refunded_by_the_product_and_taken_back(world: World) -> None:
    """A refund is a payment of the credit note; a payment that says so is held: send a refund."""
    await world.connect()
    await acts.save(world, contact(), credit_note(), refund("n1", "30"))
    assert Decimal(str((await acts.the(world, "CreditNotes"))["RemainingCredit"])) == 70
    await xero_books.nothing_more(world)
    await xero_books.put(world, "refund", "r1", status="void")
    assert Decimal(str((await acts.the(world, "CreditNotes"))["RemainingCredit"])) == 100
    of = Allocation(document="n1", document_type="credit_note", amount=Decimal(30))
    given = payment(invoice(), direction="paid", amount=Decimal(30), allocations=(of,))
    await acts.post(world, given.model_dump(mode="json"))
    held = await world.held("payment", "y1")
    assert "refund" in held["hold_sentence"]
    await xero_books.nothing_more(world)


async def _left(world: World, amount: str) -> None:
    """Wait until the product shows so much of the payment unapplied."""

    async def look() -> Json:
        [place] = (await world.product("payment", "y1"))["ledgers"]
        return place["balance"] is not None and Decimal(place["balance"]) == Decimal(amount)

    await world.until(look, f"{amount} left of the payment in the product")
