"""What the product's words are called in the ledger."""

from decimal import Decimal

import pytest

from libs.connector import mappings
from libs.connector.errors import Held
from libs.connector.interface import Company, LedgerAccount, LedgerTax
from libs.connector.mappings import Mapped
from libs.service.database import Connection

SALES = LedgerAccount(id="a1", code="200", name="Sales", kind="income")
OTHER = LedgerAccount(id="a2", code="260", name="Other", kind="income")
OLD = LedgerAccount(id="a3", code="100", name="Old", kind="income", active=False)
BANK = LedgerAccount(id="a4", code="", name="Bank", kind="bank", takes_payments=True)
STANDARD = LedgerTax(id="OUT", name="20% on sales", rate=Decimal(20), purchases=False)
BOUGHT = LedgerTax(id="IN", name="20% on purchases", rate=Decimal(20), sales=False)
ZERO = LedgerTax(id="ZERO", name="Zero rated", rate=Decimal(0))
EXEMPT = LedgerTax(id="EXEMPT", name="Exempt", rate=Decimal(0))
DEAD = LedgerTax(id="DEAD", name="17.5 % on sales", rate=Decimal("17.5"), active=False)
COMPANY = Company(
    id="company",
    name="Company",
    currency="GBP",
    accounts=(SALES, OTHER, OLD, BANK),
    tax_codes=(STANDARD, BOUGHT, ZERO, EXEMPT, DEAD),
)


async def chosen(db: Connection) -> Mapped:
    return await mappings.mapped(db, "t1", "x1", COMPANY)


async def choose(db: Connection, kind: str, local: str, external: str) -> None:
    await mappings.set_mapping(db, "x1", kind, local, external, suggested=False)


async def test_what_nobody_has_chosen_is_a_question_with_its_answer(db: Connection) -> None:
    with pytest.raises(Held) as held:
        (await chosen(db)).account(None, "labour")
    assert held.value.reason == "unmapped"
    assert "200 (Sales)" in held.value.sentence
    assert "100 (Old)" not in held.value.sentence
    assert "line_kind" in held.value.action
    assert "x1" in held.value.action


async def test_plain_choices_are_suggested_and_a_persons_stand(db: Connection) -> None:
    await choose(db, "line_kind", "labour", "260")
    for _ in range(2):
        await mappings.suggest(db, "x1", COMPANY)
    now = await chosen(db)
    assert now.account(None, "part") == "200"
    assert now.account(None, "labour") == "260"
    assert now.external("payment_method", "") == "a4"
    await choose(db, "line_kind", "part", "260")
    assert (await chosen(db)).account(None, "part") == "260"


async def test_nothing_is_suggested_where_there_is_no_choice(db: Connection) -> None:
    await mappings.suggest(db, "x1", COMPANY.model_copy(update={"accounts": (OLD,)}))
    assert await db.fetchval("select count(*) from mapping") == 0


async def test_the_ledgers_own_word_for_an_account_needs_no_choice(db: Connection) -> None:
    now = await chosen(db)
    assert now.account("260", "part") == "260"
    assert now.account("a2", "part") == "a2"
    with pytest.raises(Held):
        now.account("999", "part")
    with pytest.raises(Held):
        now.account("", "part")


async def test_a_word_of_the_ledger_is_told_in_the_products(db: Connection) -> None:
    await choose(db, "account", "service", "200")
    await choose(db, "account", "repairs", "200")
    now = await chosen(db)
    assert now.account("service", "part") == "200"
    assert now.local("account", "200") == "repairs"
    assert now.local("account", "260") is None


async def test_tax_goes_by_choice_then_name_then_rate(db: Connection) -> None:
    now = await chosen(db)
    assert now.tax(None, Decimal("20.00"), sales=True) == "OUT"
    assert now.tax(None, Decimal(20), sales=False) == "IN"
    assert now.tax("Exempt", Decimal(0), sales=True) == "EXEMPT"
    assert now.tax("ZERO", None, sales=True) == "ZERO"
    await choose(db, "tax_code", "0 %", "ZERO")
    assert (await chosen(db)).tax(None, Decimal("0.0"), sales=True) == "ZERO"


@pytest.mark.parametrize("rate", [Decimal(0), Decimal("17.5"), Decimal(5), None])
async def test_a_rate_of_two_codes_or_of_none_is_a_question(
    db: Connection, rate: Decimal | None
) -> None:
    with pytest.raises(Held) as held:
        (await chosen(db)).tax(None, rate, sales=True)
    assert held.value.reason == "unmapped"
    assert "DEAD" not in held.value.sentence


async def test_connections_choose_for_themselves(db: Connection) -> None:
    await choose(db, "tax_code", "0 %", "ZERO")
    other = await mappings.mapped(db, "t1", "x2", COMPANY)
    with pytest.raises(Held):
        other.tax(None, Decimal(0), sales=True)


def test_a_purchase_has_words_of_its_own_and_no_tax_of_sales() -> None:
    """A rate that is chosen for sales serves purchases only where the ledger allows it."""
    taxes = tuple(
        LedgerTax(id=code, name=code, rate=Decimal(0), sales=sales, purchases=not sales)
        for code, sales in (("OUT", True), ("IN", False))
    )
    company = Company(id="c", name="C", currency="GBP", tax_codes=taxes)
    table = {("tax_code", "0 %"): "OUT"}
    chosen = Mapped("t", "c", company, table)
    assert chosen.tax(None, Decimal(0), sales=True) == "OUT"
    assert chosen.tax(None, Decimal(0), sales=False) == "IN"
    named = Mapped("t", "c", company, {**table, ("tax_code", "purchase_0 %"): "OTHER"})
    assert named.tax(None, Decimal(0), sales=False) == "OTHER"
