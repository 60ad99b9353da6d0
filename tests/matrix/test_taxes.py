"""Row 19: taxes of several parts; what is owed of each is what the product's tax report says."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from contracts.entities import CreditNote, Invoice, Line, TaxComponent, TaxMode
from contracts.features import Feature
from libs.connector.money import HUNDRED, cents
from libs.testing.builders import contact, credit_note, invoice, line
from tests.flows import acts
from tests.matrix.cells import row
from tests.matrix.conftest import connect
from tests.matrix.desk import Desk
from tests.matrix.ledgers.acting import balance_of
from tests.matrix.ledgers.taxes import TAXES, Taxes

GST = TaxComponent(name="GST", rate=Decimal(5))
DUAL = (GST, TaxComponent(name="PST", rate=Decimal(7)))
ON_TAX = (GST, TaxComponent(name="QST", rate=Decimal("9.5"), compound=True))
ONE, FIFTY = Decimal(1), Decimal(50)
Parts = Sequence[TaxComponent]


@row(Feature.TAX_GROUPS)
async def test_two_taxes_on_one_line(unconnected: Desk) -> None:
    """Prices before tax and with it, a credit note, and an edit on either side."""
    desk, taxes = await taxed(unconnected, "GP dual", DUAL)
    await desk.save(contact())
    await desk.save(
        invoice("i1", [sold("l1", "GP dual", DUAL, "100.00"), sold("l2", "GP dual", DUAL, "50.00")])
    )
    inclusive = [sold("l1", "GP dual", DUAL, "112.00")]
    await desk.save(invoice("i2", inclusive, tax_mode=TaxMode.INCLUSIVE))
    await desk.save(credit_note("n1", [sold("l1", "GP dual", DUAL, "20.00")]))
    await agree(desk, taxes, DUAL)
    assert await owed(desk, taxes, DUAL) == {"GST": Decimal("11.50"), "PST": Decimal("16.10")}
    await desk.ledger.edit_invoice("INV-i1", line=0, price=Decimal(200))
    await agree(desk, taxes, DUAL)
    wanted = invoice("i2", [sold("l1", "GP dual", DUAL, "56.00")], tax_mode=TaxMode.INCLUSIVE)
    change = wanted.model_dump(mode="json")
    await desk.edit("invoice", "i2", lines=change["lines"], totals=change["totals"])
    await agree(desk, taxes, DUAL)


@row(Feature.TAX_GROUPS)
async def test_a_tax_on_tax(unconnected: Desk) -> None:
    """9.5 % on what is sold and on its 5 %: 14.975 % together."""
    desk, taxes = await taxed(unconnected, "GQ on tax", ON_TAX)
    await desk.save(contact())
    await desk.save(invoice("i1", [sold("l1", "GQ on tax", ON_TAX, "200.00")]))
    inclusive = [sold("l1", "GQ on tax", ON_TAX, "229.95")]
    await desk.save(invoice("i2", inclusive, tax_mode=TaxMode.INCLUSIVE))
    await agree(desk, taxes, ON_TAX)
    assert await owed(desk, taxes, ON_TAX) == {"GST": Decimal("20.00"), "QST": Decimal("39.90")}


@row(Feature.TAX_GROUPS)
async def test_tax_that_the_ledger_rounds_otherwise_is_to_the_cent_or_held(
    unconnected: Desk,
) -> None:
    """Three lines of 0.35 at 12 %: 0.13 in the product; of each line, or part by part, 0.12."""
    desk, taxes = await taxed(unconnected, "GP dual", DUAL)
    await desk.save(contact())
    small = [sold(name, "GP dual", DUAL, "0.35") for name in ("l1", "l2", "l3")]
    instead = [sold("l1", "GP dual", DUAL, "1.00")]
    await to_the_cent_or_held(desk, invoice("i1", small), invoice("i1", instead))
    await agree(desk, taxes, ())


@row(Feature.TAX_GROUPS)
async def test_a_company_that_reckons_tax_by_itself_is_to_the_cent_or_held(
    unconnected: Desk,
) -> None:
    """QuickBooks' automated sales tax overrides what it is told; the others reckon as ever."""
    desk = unconnected
    company = TAXES[desk.world.provider](desk.world).willful()
    desk.ledger = company.ledger
    await moved_to(desk, **company.facts)
    await connect(desk)
    await desk.save(contact())
    ours, theirs = (
        invoice("i1", [line("l1", quantity=ONE, unit_price=FIFTY, tax_rate=rate)])
        for rate in (company.ours, company.theirs)
    )
    await to_the_cent_or_held(desk, ours, theirs)
    await desk.proven()


async def taxed(desk: Desk, name: str, parts: Parts) -> tuple[Desk, Taxes]:
    """The tenant's company is one that is taxed so; connected, the tax mapped."""
    world, taxes = desk.world, TAXES[desk.world.provider](desk.world)
    desk.ledger = taxes.ledger()
    await moved_to(desk)
    external = await taxes.group(name, parts)
    await connect(desk)
    await world.map("tax_code", name, external)
    return desk, taxes


async def moved_to(desk: Desk, **facts: Any) -> None:
    """The tenant's company is a new one, of the desk's ledger."""
    home = {"country": desk.ledger.country, "currency": desk.ledger.currency}
    desk.world.company = await desk.world.new_company(**home, **facts)
    desk.seeded = await desk.ledger.books()


def sold(entity: str, name: str, parts: Parts, price: str) -> Line:
    """One of something at that price, taxed so."""
    amount = Decimal(price)
    return line(entity, quantity=ONE, unit_price=amount, tax_code=name, tax_rate=effective(parts))


def effective(parts: Parts) -> Decimal:
    """All of them, in percent."""
    whole = Decimal(0)
    for part in parts:
        whole += part.rate * (1 + whole / HUNDRED) if part.compound else part.rate
    return whole.normalize()


async def agree(desk: Desk, taxes: Taxes, parts: Parts) -> None:
    """Both sides are proven, and each liability account is the product's tax report."""
    await desk.proven()
    reported: dict[str, Decimal] = defaultdict(Decimal)
    for name, tax in (await owed(desk, taxes, parts)).items():
        reported[taxes.account(name)] += tax
    for account, tax in reported.items():
        assert {account: -await balance_of(desk.world, account)} == {account: tax}


async def owed(desk: Desk, taxes: Taxes, parts: Parts) -> Mapping[str, Decimal]:
    """The product's tax report: what is owed of each part."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for kind, model, sign in (("invoice", Invoice, 1), ("credit_note", CreditNote, -1)):
        for book in await acts.of_product(desk.world, kind):
            net = model.model_validate(book["entity"]).totals.net
            before = Decimal(0)
            for part in parts:
                base = net + before if part.compound else net
                tax = cents(base * part.rate / HUNDRED)
                before, found[part.name] = before + tax, found[part.name] + sign * tax
    return found


async def to_the_cent_or_held(desk: Desk, document: Invoice, instead: Invoice) -> None:
    """It is there with the product's tax; or held with the reason, until the user corrects it."""
    wanted = desk.at_home(document)
    await acts.post(desk.world, wanted.model_dump(mode="json"))

    async def look() -> bool:
        record = await desk.world.record("invoice", document.id)
        return bool(record.get("hold") or record.get("state") == "bound")

    await desk.world.until(look, "the invoice to be there, or held")
    await acts.caught_up(desk.world)
    held = await desk.world.record("invoice", document.id)
    if not held["hold"]:
        for side in await desk.both():
            found = side.invoices[document.number]
            assert (found.tax, found.gross) == (wanted.totals.tax, wanted.totals.gross)
        return
    assert held["hold"] in ("rounding", "totals")
    assert str(wanted.totals.tax) in held["hold_sentence"]
    assert held["hold_action"]
    wire = instead.model_dump(mode="json")
    await desk.edit("invoice", document.id, lines=wire["lines"], totals=wire["totals"])
    await acts.caught_up(desk.world)
    assert not (await desk.world.record("invoice", document.id))["hold"]
