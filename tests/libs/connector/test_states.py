"""Entities as states and back."""

from decimal import Decimal

import pytest

from contracts.entities import Contact, DocumentStatus, Entity, Totals
from contracts.values import EntityType
from libs.connector.states import entity_of, is_void, local_id, same_money, state_of
from libs.testing.builders import contact, invoice, line, payment, samples


@pytest.mark.parametrize("entity", samples(), ids=lambda entity: entity.type)
def test_a_state_holds_all_but_what_is_derived(entity: Entity) -> None:
    state = state_of(entity)
    assert not {"id", "type", "totals"} & {path.split(".")[0] for path in state}
    totals = getattr(entity, "totals", None)
    assert entity_of(state, EntityType(entity.type), entity.id, totals) == entity


def test_totals_that_are_not_given_are_reckoned() -> None:
    wanted = invoice(lines=(line("l1", unit_price=Decimal("3.33"), tax_rate=Decimal(20)),))
    made = entity_of(state_of(wanted), EntityType.INVOICE, "i1")
    assert made == wanted


def test_the_totals_of_the_product_are_kept() -> None:
    own = Totals(net=Decimal("1.00"), tax=Decimal("0.01"), gross=Decimal("1.01"))
    made = entity_of(state_of(invoice()), EntityType.INVOICE, "i1", own)
    assert getattr(made, "totals", None) == own


def test_empty_texts_are_no_values() -> None:
    assert "email" not in state_of(contact(email=""))
    made = entity_of(state_of(contact(email="")), EntityType.CONTACT, "c1")
    assert isinstance(made, Contact)
    assert made.email == ""


def test_lines_keep_their_order() -> None:
    lines = tuple(line(f"l{n}") for n in (3, 1, 2))
    made = entity_of(state_of(invoice(lines=lines)), EntityType.INVOICE, "i1")
    assert [each.id for each in getattr(made, "lines", ())] == ["l3", "l1", "l2"]


def test_the_local_id_of_a_record_is_always_the_same_and_its_own() -> None:
    kinds = (EntityType.CONTACT, EntityType.ITEM)
    ids = {local_id(x, kind, r) for x in ("x1", "x2") for kind in kinds for r in ("1", "2")}
    assert len(ids) == 8
    assert local_id("x1", EntityType.CONTACT, "1") in ids


def test_nothing_and_void_want_no_live_record() -> None:
    assert is_void({})
    assert is_void(state_of(invoice(status=DocumentStatus.VOID)))
    assert not is_void(state_of(invoice()))
    assert not is_void(state_of(payment(invoice())))


def test_money_is_the_same_while_lines_and_tax_mode_are() -> None:
    base = state_of(invoice())
    assert same_money(base, state_of(invoice(number="other", location="north")))
    assert not same_money(base, state_of(invoice(lines=(line("l1"),))))
    assert not same_money(base, state_of(invoice(tax_mode="inclusive")))
