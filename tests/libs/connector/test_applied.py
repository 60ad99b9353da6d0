"""When a payment settles, what waits to be written to a document it was applied to is tried."""

from decimal import Decimal

from contracts.entities import Allocation
from libs.connector import applied, parts
from libs.connector.agreed import Agreed
from libs.connector.flat import State
from libs.connector.states import state_of
from libs.service.database import Connection
from libs.testing.builders import credit_note, invoice, payment
from tests.libs.connector.filed import claim, file, put

I1, I2 = "x1/invoice/i1", "x1/invoice/i2"


async def bound(db: Connection) -> None:
    """Invoices i1 and i2 and payment y1 have records; a change of i1 waits, held."""
    await file(db, put(invoice("i1")), put(invoice("i2")))
    for lane in await claim(db):
        await parts.bind(db, lane, "invoice", f"r-{lane.id}")
    await db.execute("update inbox set state = 'done'")
    await db.execute("update lane set state = 'bound', due_at = null, leased_until = '-infinity'")
    await file(db, put(invoice("i1"), revision=2))
    await db.execute("update lane set hold = 'paid', due_at = null where key = $1", I1)


async def settled(db: Connection, before: State, after: State) -> list[str]:
    """The lane of a payment is settled; the lanes that are due then."""
    await file(db, put(payment(invoice("i9"))))
    (lane,) = await claim(db)
    lane.agreed = Agreed(theirs=after)
    await applied.hint(db, lane, before)
    return [found.key for found in await claim(db)]


async def test_what_waits_at_a_paid_document_is_tried_when_its_payment_is_gone(
    db: Connection,
) -> None:
    await bound(db)
    assert await settled(db, state_of(payment(invoice("i1"))), {}) == [I1]
    noticed = await db.fetch("select lane, record from inbox where kind = 'notice'")
    assert [(row["lane"], row["record"]) for row in noticed] == [(I1, "r-i1")]


async def test_where_nothing_waits_nothing_is_looked_at(db: Connection) -> None:
    await bound(db)
    both = state_of(payment(invoice("i2")))
    assert await settled(db, both, both) == []
    assert not await db.fetchval("select count(*) from inbox where kind = 'notice'")


def test_credits_name_their_documents_too() -> None:
    share = Allocation(document="a.b", amount=Decimal(5))
    note = state_of(credit_note("n1", allocations=(share,)))
    assert list(applied.documents(note)) == [("invoice", "a.b")]
