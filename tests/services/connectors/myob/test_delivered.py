"""An order becomes the last of its bills: MYOB lets nobody touch it afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from contracts.entities import Entity, Line
from contracts.values import EntityType
from libs.testing.builders import line
from services.connectors.myob.mapping import delivered
from tests.services.connectors.myob import around
from tests.services.connectors.xero import bought

TEN = Decimal(10)
ORDER = bought.order((line("l1", item="p1", quantity=TEN), line("l2", description="Carriage")))


@dataclass(slots=True)
class Ids(around.PlainIds):
    """The order is known, and what has been billed of it."""

    before: Sequence[Line] = ()

    def shown(self, kind: EntityType, local: str) -> Entity | None:
        return ORDER if (kind, local) == (EntityType.PURCHASE_ORDER, "o1") else None

    def delivered(self, order: str, besides: str) -> Sequence[Line]:
        return self.before if (order, besides) == ("o1", "b1") else ()


def becomes(*lines: Line, before: Sequence[Line] = (), order: str = "o1") -> bool:
    """Whether the order becomes a bill of these lines."""
    context = replace(around.context(), ids=Ids(before=before))
    bill = bought.bill(lines, purchase_orders=(order,))
    return bool(delivered.orders_of(bill, context))


def test_a_part_leaves_the_order_open_and_the_rest_of_it_does_not() -> None:
    first, second = ORDER.lines
    some = first.model_copy(update={"quantity": Decimal(4)})
    rest = first.model_copy(update={"quantity": Decimal(6)})
    assert not becomes(some)
    assert not becomes(some, second)
    assert not becomes(rest, before=[some])
    assert becomes(rest, second, before=[some])
    assert becomes(first, second)


def test_of_an_order_nobody_knows_the_products_word_is_taken() -> None:
    assert becomes(ORDER.lines[1], order="o9")
