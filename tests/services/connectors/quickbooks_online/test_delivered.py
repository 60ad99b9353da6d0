"""A bill delivers the lines of its order that are the same, whatever their places."""

from dataclasses import replace

from libs.testing.builders import line
from services.connectors.quickbooks_online.mapping import delivered
from tests.services.connectors.quickbooks_online import around
from tests.services.connectors.xero import bought

ORDERED = (line("11", item="p1"), line("12", item="p2"), line("13", description="Carriage"))


def linked(*lines: object) -> dict[str, str]:
    """Line of the bill -> line of the order."""
    context = replace(around.context(), ids=around.PlainIds(ordered=ORDERED))
    bill = bought.bill(lines, purchase_orders=("o1",))  # type: ignore[arg-type]
    found = delivered.links(bill, context)
    return {name: link["LinkedTxn"][0]["TxnLineId"] for name, link in found.items()}


def test_the_second_part_is_not_taken_for_the_first() -> None:
    """Its only line is the bill's first and the order's second."""
    assert linked(line("l1", item="p2")) == {"l1": "12"}
    assert linked(line("l1", description="Carriage")) == {"l1": "13"}


def test_each_line_of_an_order_is_delivered_once_and_others_are_extra() -> None:
    twice = [line("l1", item="p1"), line("l2", item="p1"), line("l3", description="Thanks")]
    assert linked(*twice) == {"l1": "11"}


def test_a_bill_delivers_lines_of_several_orders() -> None:
    context = replace(around.context(), ids=around.PlainIds(ordered=ORDERED[:1]))
    bill = bought.bill([line("l1", item="p1"), line("l2", item="p1")], purchase_orders=("o1", "o2"))
    found = delivered.links(bill, context)
    assert [found[name]["LinkedTxn"][0]["TxnId"] for name in ("l1", "l2")] == ["o1", "o2"]
