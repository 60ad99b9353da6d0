"""What the product has published: the newest counts, and what is paid is added up from it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from contracts.entities import Allocation, Entity, Refund
from contracts.messages import EntityDeleted, EntityPut, Scope
from contracts.values import EntityType
from libs.connector.connections import Account
from libs.connector.policy import Policy
from libs.connector.reconciliation.compare import Entry
from libs.connector.reconciliation.published import Published
from libs.testing.builders import DAY, contact, credit_note, invoice, payment

NOW = datetime(2026, 3, 3, tzinfo=UTC)


def of(*entities: Entity, scope: Scope = Scope(), others: tuple[Scope, ...] = ()) -> Published:  # noqa: B008
    account = Account("k1", "t", "x", "Ltd", "open", NOW, scope, Policy(), None)
    made = Published(account, others)
    for entity in entities:
        made.take(put(entity), None)
    return made


def put(entity: Entity, revision: int = 1, **more: Any) -> EntityPut:
    return EntityPut(tenant="t", revision=revision, entity=entity, **{"made_at": NOW, **more})


def entries(made: Published) -> dict[str, Entry]:
    return {entry.key: entry for entry in made.entries()}


def shares(*some: tuple[str, str, int]) -> tuple[Allocation, ...]:
    return tuple(
        Allocation.model_validate({"document": d, "document_type": k, "amount": Decimal(a)})
        for k, d, a in some
    )


def test_the_newest_revision_counts_in_whatever_order_it_comes() -> None:
    made = of(contact())
    for revision, status in ((2, "void"), (1, "approved")):
        made.take(put(invoice(status=status), revision), None)
    assert entries(made) == {}
    assert made.said["invoice/i1"].revision == 2
    made.take(put(invoice(), 3), None)
    assert entries(made).keys() == {"invoice/i1"}
    made.take(EntityDeleted(tenant="t", type=EntityType.INVOICE, id="i1", revision=4), None)
    assert entries(made) == {}
    assert made.names == {"c1": "Harbour Joinery c1"}


def test_what_is_paid_credited_and_refunded_is_added_up() -> None:
    one = invoice()
    refund = Refund(
        id="r1", contact="c1", date=DAY, amount=Decimal(10), currency="GBP",
        allocations=shares(("credit_note", "n1", 10)),
    )  # fmt: skip
    made = of(
        one,
        payment(one, amount=Decimal(50), allocations=shares(("invoice", "i1", 40))),
        payment(one, "y2", allocations=shares(("invoice", "i1", 9)), status="void"),
        credit_note(allocations=shares(("invoice", "i1", 25))),
        refund,
    )  # fmt: skip
    found = {key: (entry.paid, entry.balance) for key, entry in entries(made).items()}
    assert found == {
        "invoice/i1": (Decimal(65), Decimal(35)),
        "payment/y1": (Decimal(40), Decimal(10)),
        "credit_note/n1": (Decimal(35), Decimal(65)),
        "refund/r1": (Decimal(10), Decimal(0)),
    }


@pytest.mark.parametrize(("location", "mine"), [("n", True), ("s", False), ("w", True)])
def test_what_another_connection_takes_is_not_ours_and_what_none_takes_is(
    location: str, mine: bool
) -> None:
    scopes = Scope(locations=("n",)), Scope(locations=("s",))
    made = of(invoice(location=location), scope=scopes[0], others=scopes[1:])
    assert bool(entries(made)) == mine


def test_of_a_payment_over_two_connections_only_our_share_counts() -> None:
    scopes = Scope(locations=("n",)), Scope(locations=("s",))
    both = payment(invoice(), allocations=shares(("invoice", "i1", 60), ("invoice", "i2", 40)))
    theirs = payment(invoice(), "y2", allocations=shares(("invoice", "i2", 100)))
    documents = invoice(location="n"), invoice("i2", location="s")
    found = entries(of(both, theirs, *documents, scope=scopes[0], others=scopes[1:]))
    assert found.keys() == {"payment/y1", "invoice/i1"}
    assert (found["payment/y1"].gross, found["invoice/i1"].paid) == (Decimal(60), Decimal(60))


def test_what_was_made_before_the_connection_is_kept_and_says_so() -> None:
    made = of()
    made.take(put(invoice(), made_at=NOW - timedelta(days=1)), None)
    turned = made.said["invoice/i1"].turned
    assert turned
    assert "before" in turned.sentence
    assert entries(made).keys() == {"invoice/i1"}
