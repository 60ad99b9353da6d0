"""What of the mappings has changed in the ledger, and that it is told once."""

import json
from decimal import Decimal
from typing import Any

import pytest

from libs.connector import alerts, connections, mappings
from libs.connector.errors import Held
from libs.connector.interface import Company, LedgerAccount, LedgerTax, LedgerTracking
from libs.service.database import Connection
from tests.libs.connector.filed import COMPANY

SALES = LedgerAccount(id="a1", code="200", name="Sales", kind="income")
VAT = LedgerTax(id="T20", name="VAT 20", rate=Decimal(20))
AREA = LedgerTracking(id="area", name="Area", options={"n": "North"})
FULL = COMPANY.model_copy(update={"accounts": (SALES,), "tax_codes": (VAT,), "trackings": (AREA,)})


def now(**changes: Any) -> Company:
    return FULL.model_copy(update=changes)


@pytest.mark.parametrize(
    ("kind", "external", "after", "said"),
    [
        ("account", "200", now(accounts=()), "is no longer in"),
        (
            "line_kind",
            "a1",
            now(accounts=(SALES.model_copy(update={"active": False}),)),
            "archived",
        ),
        ("tax_code", "T20", now(tax_codes=()), "is no longer in"),
        (
            "tax_code",
            "T20",
            now(tax_codes=(VAT.model_copy(update={"id": "T20A"}),)),
            "It may be T20A now",
        ),
        (
            "tax_code",
            "T20",
            now(tax_codes=(VAT.model_copy(update={"rate": Decimal(21)}),)),
            "has 21 % in Company and no longer 20 %",
        ),
        ("tracking", "n", now(trackings=()), "(North) is no longer in"),
        ("account", "NEVER", now(accounts=()), ""),
        ("account", "200", FULL, ""),
        ("tax_code", "T20", now(tax_codes=(VAT.model_copy(update={"name": "V"}),)), ""),
        ("item", "x", now(accounts=()), ""),
    ],
)
def test_what_has_become_of_it(kind: str, external: str, after: Company, said: str) -> None:
    found = alerts.problem(kind, external, FULL, after)
    assert (said in found) if said else (found == "")


async def _read(db: Connection, company: Company) -> None:
    account = await connections.account(db, "x1")
    async with db.transaction():
        await connections.described(db, "x1", company)
        await alerts.validate(db, "acme", account, company)


async def _told(db: Connection) -> list[Any]:
    rows = await db.fetch("select value from journal order by seq")
    return [json.loads(row["value"]) for row in rows]


async def test_one_alert_until_it_is_mended_and_another_when_it_breaks_again(
    db: Connection,
) -> None:
    await mappings.set_mapping(db, "x1", "line_kind", "part", "200", suggested=False)
    await _read(db, FULL)
    for _ in range(2):
        await _read(db, now(accounts=()))
    [told] = await _told(db)
    assert (told["kind"], told["local"], told["number"]) == ("line_kind", "part", 1)
    assert "ledgerbridge map line_kind 'part'" in told["action"]
    broken = await mappings.mapped(db, "t1", "x1", FULL)
    with pytest.raises(Held, match="no longer") as held:
        broken.account(None, "part")
    assert held.value.reason == alerts.BROKEN
    await _read(db, FULL)
    sound = await mappings.mapped(db, "t1", "x1", FULL)
    assert sound.account(None, "part") == "200"
    await _read(db, now(accounts=()))
    assert [event["number"] for event in await _told(db)] == [1, 2]


async def test_all_words_of_one_account_are_one_alert(db: Connection) -> None:
    for word in ("part", "labour"):
        await mappings.set_mapping(db, "x1", "line_kind", word, "200", suggested=True)
    await _read(db, FULL)
    await _read(db, now(accounts=()))
    [told] = await _told(db)
    assert told["sentence"].endswith("It is chosen for: line kind labour, line kind part.")
    assert len(await alerts.broken(db, "x1")) == 2


async def test_another_choice_of_a_person_ends_the_alert(db: Connection) -> None:
    await mappings.set_mapping(db, "x1", "line_kind", "part", "200", suggested=False)
    await _read(db, FULL)
    await _read(db, now(accounts=()))
    await alerts.close(db, "x1", "line_kind", "part")
    assert await alerts.broken(db, "x1") == {}


async def test_an_archived_customer_is_told_once_until_he_is_back(db: Connection) -> None:
    account = await connections.account(db, "x1")
    for archived in (True, True, False, True):
        await alerts.contact(db, "acme", account, "c1", "Harbour", archived=archived)
    told = await _told(db)
    assert [(one["kind"], one["local"], one["number"]) for one in told] == [
        ("contact", "c1", 1),
        ("contact", "c1", 2),
    ]
    assert "Restore Harbour" in told[0]["action"]
