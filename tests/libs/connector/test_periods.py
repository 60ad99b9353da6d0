"""What is dated in a closed period is held before it would be removed there."""

from datetime import date

import pytest

from contracts.entities import Invoice, Payment
from libs.connector.errors import Held
from libs.connector.periods import check_removal
from libs.connector.shapes import Verb, Write
from libs.connector.states import state_of
from libs.testing.builders import contact, invoice, payment
from tests.libs.connector.filed import COMPANY

DAY = date(2026, 3, 2)


@pytest.mark.parametrize("entity", [invoice(), payment(invoice())])
@pytest.mark.parametrize("lock", [DAY, None, date(2026, 3, 1)])
def test_a_removal_in_a_closed_period_is_held_with_the_choices(
    entity: Invoice | Payment, lock: date | None
) -> None:
    """The last closed day is closed."""
    before = state_of(entity)
    write = Write(Verb.VOID, entity.type, "x1", "lb-x", entity, before=before)
    company = COMPANY.model_copy(update={"lock_date": lock})
    if lock != DAY:
        check_removal(write, company)
        return
    with pytest.raises(Held) as held:
        check_removal(write, company)
    assert held.value.reason == "period-locked"
    assert "2026-03-02" in held.value.sentence
    assert "lock date" in held.value.action


def test_what_has_no_date_is_never_too_early() -> None:
    one = contact()
    write = Write(Verb.DELETE, one.type, "c1", "lb-x", one, before=state_of(one))
    check_removal(write, COMPANY.model_copy(update={"lock_date": DAY}))
