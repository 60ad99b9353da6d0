"""Whatever a product reckons: what is let through comes to the cent, and the rest is held.

The ledger's own rounding is the simulator's, which shares nothing with the connector. `FULL=1`
tries 100,000 invoices of each provider.
"""

import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest

from contracts.entities import Invoice, Line, TaxMode
from contracts.values import EntityType
from libs.connector.errors import Held
from libs.connector.interface import Context, Record
from libs.connector.mappings import Mapped
from libs.connector.money import CENT, totals_of
from libs.testing.books import Books, words_of
from libs.testing.ledger import ORIGIN, KnownIds, signed_in
from libs.testing.suite import ConnectorSuite
from tests.services.connectors.myob import test_suite as myob
from tests.services.connectors.quickbooks_online import test_suite as quickbooks_online
from tests.services.connectors.xero import test_suite as xero

MANY = 100_000 if os.environ.get("FULL") else 2_000
SUITES: dict[str, type[ConnectorSuite]] = {
    "xero": xero.TestXero,
    "quickbooks_online": quickbooks_online.TestSales,
    "myob": myob.TestMyob,
}
MODES = (TaxMode.EXCLUSIVE, TaxMode.INCLUSIVE, TaxMode.NONE)


@asynccontextmanager
async def opened(suite: type[ConnectorSuite]) -> AsyncIterator[Books]:
    """A fresh simulated company with the suite's customer and product in it."""
    facts = suite.facts()
    prefix = f"/{facts.id}" if suite.prefix is None else suite.prefix
    async with signed_in(facts, suite.simulator(), ORIGIN + prefix) as ledger:
        company = await suite.connector.describe(ledger)
        words = Mapped("tenant", "suite", company, words_of(company) | suite.words)
        samples = {EntityType(one.type): one for one in suite.samples(company)}
        ids = KnownIds()
        books = Books(ledger, suite.connector, facts, Context(company, ids, words), ids, samples)
        await books.create(samples[EntityType.CONTACT])
        await books.create(samples[EntityType.ITEM])
        yield books


def reckoned(rng: random.Random, like: Invoice, rates: list[Decimal], number: int) -> Invoice:
    """An invoice as some product reckons it: one in ten is a cent beside the truth."""
    mode = rng.choice(MODES)
    lines = tuple(_line(rng, place, rates, mode) for place in range(rng.randint(1, 6)))
    totals = totals_of(lines, mode)
    if rng.random() < 0.1:
        wrong = {"tax": totals.tax + CENT, "gross": totals.gross + CENT}
        totals = totals.model_copy(update=wrong)
    named: dict[str, Any] = {"id": f"m{number}", "number": f"M-{number}", "link": ""}
    return like.model_copy(update={**named, "tax_mode": mode, "lines": lines, "totals": totals})


def _line(rng: random.Random, place: int, rates: list[Decimal], mode: TaxMode) -> Line:
    return Line(
        id=f"l{place}",
        description=f"Line {place}",
        quantity=Decimal(rng.randint(1, 99_999)) / rng.choice((1, 10, 100, 10_000)),
        unit_price=Decimal(rng.randint(1, 99_999)) / rng.choice((100, 100, 1_000, 10_000)),
        tax_rate=Decimal(0) if mode == TaxMode.NONE else rng.choice(rates),
        discount_percent=rng.choice((None, None, Decimal(10), Decimal("12.5"))),
    )


def _is_held(books: Books, wanted: Invoice) -> bool:
    try:
        books.connector.normalised(wanted, books.context)
        books.connector.check(wanted, books.context)
    except Held as held:
        return bool(held.sentence)
    return False


@pytest.mark.parametrize("provider", SUITES)
async def test_what_is_let_through_comes_to_the_cent(provider: str) -> None:
    async with opened(SUITES[provider]) as books:
        taxes = [tax.rate for tax in books.context.company.tax_codes if tax.active and tax.sales]
        rates = [rate for rate in dict.fromkeys(taxes) if taxes.count(rate) == 1]
        like = books.samples[EntityType.INVOICE]
        assert isinstance(like, Invoice)
        rng, through = random.Random(provider), 0
        for number in range(MANY):
            wanted = reckoned(rng, like, rates, number)
            if _is_held(books, wanted):
                continue
            (record,) = await books.send([books.write(wanted)])
            assert isinstance(record, Record), f"{wanted}: {record}"
            assert record.totals == wanted.totals, wanted
            through += 1
        assert through > MANY / 10, "nearly everything is held: that shows nothing"
