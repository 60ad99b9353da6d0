"""Whether tax is rounded per line or per code is not documented: either way it is to the cent."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.entities import Invoice, Line, TaxMode, Totals
from libs.connector.errors import Held
from libs.connector.interface import Context
from libs.connector.money import totals_of
from libs.testing import builders
from services.connectors.myob import checks, rounding
from services.connectors.myob.rounding import Amount
from tests.services.connectors.myob import around
from tests.services.connectors.myob.around import MYOB

CENT = Decimal("0.01")
RATE = Decimal(10)
AMOUNTS = st.lists(
    st.builds(
        Amount,
        st.decimals(Decimal(-500), Decimal(500), places=2),
        st.sampled_from(["GST", "ODD"]),
        st.just(RATE),
    ),
    max_size=8,
)


def amounts(*totals: str) -> list[Amount]:
    return [Amount(Decimal(total), "t-GST", RATE) for total in totals]


def test_the_rules_differ_by_cents() -> None:
    half = amounts("0.05", "0.05")
    assert rounding.tax_of(half, TaxMode.EXCLUSIVE, "line") == Decimal("0.02")
    assert rounding.tax_of(half, TaxMode.EXCLUSIVE, "code") == Decimal("0.01")
    assert rounding.predicted(half, TaxMode.EXCLUSIVE, "code") == Totals(
        net=Decimal("0.10"), tax=Decimal("0.01"), gross=Decimal("0.11")
    )


def test_prices_with_tax_come_to_their_sum() -> None:
    with_tax = amounts("9.99", "9.99")
    for rule in rounding.RULES:
        assert rounding.predicted(with_tax, TaxMode.INCLUSIVE, rule).gross == Decimal("19.98")


@given(AMOUNTS, st.sampled_from([TaxMode.EXCLUSIVE, TaxMode.INCLUSIVE]))
def test_both_rules_stay_within_half_a_cent_a_line(lines: list[Amount], mode: TaxMode) -> None:
    by_line, by_code = (rounding.tax_of(lines, mode, rule) for rule in rounding.RULES)
    assert abs(by_line - by_code) <= CENT * (len(lines) + 2) / 2


def shown(tax: str, *totals: str, **more: Any) -> dict[str, Any]:
    rows = [{"Total": Decimal(total), "TaxCode": {"UID": "t-GST"}} for total in totals]
    return {"IsTaxInclusive": False, "Lines": rows, "TotalTax": Decimal(tax), **more}


@pytest.mark.parametrize(
    ("documents", "proven"),
    [
        ([], {"line", "code"}),
        ([shown("10.00", "100.00")], {"line", "code"}),
        ([shown("0.01", "0.05", "0.05")], {"code"}),
        ([shown("0.02", "0.05", "0.05"), shown("10.00", "100.00")], {"line"}),
        ([shown("0.07", "0.05", "0.05")], {"line", "code"}),
        ([shown("0.01", "0.05", "0.05", Freight=Decimal(5))], {"line", "code"}),
        ([shown("0.01", "0.05", "0.05"), shown("0.02", "0.05", "0.05")], {"line", "code"}),
    ],
)
def test_a_company_proves_its_rule_by_its_documents(
    documents: Sequence[dict[str, Any]], proven: set[str]
) -> None:
    assert rounding.proven(documents, {"t-GST": RATE}) == proven


def two_halves(gross: str) -> Any:
    lines = tuple(
        builders.line(name, quantity=Decimal(1), unit_price=Decimal("0.05"), tax_rate=RATE)
        for name in ("l1", "l2")
    )
    totals = totals_of(lines, "exclusive")
    assert totals.tax == CENT
    said = Totals(net=totals.net, tax=Decimal(gross) - totals.net, gross=Decimal(gross))
    return builders.invoice("i1", lines, currency="AUD", totals=said)


@pytest.mark.parametrize(
    ("gross", "features", "chosen", "reason"),
    [
        ("0.11", (), "", "rounding"),
        ("0.11", ("code",), "", None),
        ("0.11", ("line",), "", "rounding"),
        ("0.12", ("line",), "", None),
        ("0.11", (), "code", None),
        ("0.11", ("line",), "code", None),
        ("0.13", ("line",), "", "rounding"),
    ],
)
def test_what_the_rules_tell_apart_waits_for_proof(
    gross: str, features: tuple[str, ...], chosen: str, reason: str | None
) -> None:
    words = {("tax_code", "rounding"): chosen} if chosen else {}
    known = frozenset(f"{rounding.FEATURE}{one}" for one in features)
    context = around.context(words, features=known)
    if reason is None:
        MYOB.check(two_halves(gross), context)
        return
    with pytest.raises(Held) as held:
        MYOB.check(two_halves(gross), context)
    assert held.value.reason == reason
    assert held.value.action


LINES = st.lists(
    st.builds(
        Line,
        id=st.just("x"),
        quantity=st.decimals(Decimal("0.01"), Decimal(50), places=4),
        unit_price=st.decimals(Decimal(0), Decimal(200), places=6),
        discount_percent=st.none() | st.decimals(Decimal(0), Decimal(100), places=2),
        tax_rate=st.sampled_from([RATE, Decimal("8.875"), Decimal(0)]),
    ),
    min_size=1,
    max_size=6,
)


def held_for(document: Invoice, context: Context) -> str | None:
    try:
        MYOB.check(document, context)
    except Held as held:
        return held.reason
    return None


@given(LINES, st.sampled_from(["exclusive", "inclusive"]), st.sampled_from(rounding.RULES))
def test_what_goes_out_comes_to_the_cent(lines: list[Line], mode: str, rule: rounding.Rule) -> None:
    """The ledger here rounds by `rule`; without proof nothing goes out that it would miss."""
    named = tuple(one.model_copy(update={"id": f"l{n}"}) for n, one in enumerate(lines))
    document = builders.invoice("i1", named, currency="AUD", tax_mode=TaxMode(mode))
    context = around.context()
    if (reason := held_for(document, context)) is not None:
        assert reason == "rounding"
        return
    ledger = rounding.predicted(checks.amounts(document, context), document.tax_mode, rule)
    assert rounding.same(ledger, document.totals)
