"""What is held says what to do; once that is done, it goes on."""

import asyncio
import os
import shlex
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal

import asyncpg

from contracts.entities import Totals
from contracts.messages import Retry
from contracts.values import EntityType
from libs.service.database import Connection
from libs.testing.builders import contact, invoice, line
from libs.testing.forked import run_ledgerbridge
from tests.flows.world import World


async def obey(world: World, action: str, choice: str = "") -> None:
    """Run the command that a sentence names, as a person would copy it."""
    command = action[action.index("ledgerbridge") :].replace("<choice>", choice)
    _, *words = shlex.split(command)
    environment = {**os.environ, **world.environment}
    status, *said = await asyncio.to_thread(run_ledgerbridge, words, environment)
    assert status == 0, said


async def retry(world: World, entity: str) -> None:
    await world.command(
        Retry(
            id=f"{world.tenant}-{entity}",
            tenant=world.tenant,
            connection=world.connection,
            type=EntityType.INVOICE,
            entity=entity,
        )
    )


async def test_an_unmapped_tax_code_is_held_with_the_command_that_mends_it(world: World) -> None:
    """The sentence names the word, the company and the choices; the command it gives is run as it
    stands, and the invoice goes on by itself."""
    company = await world.new_company("Quayside Ltd")
    await world.connect(company)
    await world.put(contact("c1"))
    await world.put(invoice("i1", [line("l1", tax_code="EXEMPT")]))
    lane = await world.held("invoice", "i1")
    assert lane["hold"] == "unmapped"
    for word in ("'EXEMPT'", "Quayside Ltd", "ZERORATEDOUTPUT"):
        assert word in lane["hold_sentence"]
    told = await world.told("invoice", "i1", "entity.held")
    assert (told["sentence"], told["action"]) == (lane["hold_sentence"], lane["hold_action"])
    assert await world.live("Invoices") == []
    await obey(world, lane["hold_action"], "ZERORATEDOUTPUT")
    await world.settled("invoice", "i1")
    [there] = await world.live("Invoices")
    assert [part["TaxType"] for part in there["LineItems"]] == ["ZERORATEDOUTPUT"]


async def test_a_mapping_set_while_its_invoice_is_worked_on_is_not_missed(world: World) -> None:
    """Mappings come in the moment their invoices are first looked at: none stays held for a word
    that is known by now."""
    await world.connect()
    await world.put(contact("c1"))
    await world.settled("contact", "c1")
    for n in range(12):
        await asyncio.gather(
            world.put(invoice(f"i{n}", [line("l1", tax_code=f"WORD{n}")])),
            world.map("tax_code", f"WORD{n}", "NONE"),
        )
    await asyncio.gather(*(world.settled("invoice", f"i{n}") for n in range(12)))


async def test_what_the_ledger_refused_is_taken_up_again_by_a_retry(world: World) -> None:
    """A word was mapped to a tax the ledger does not have: the invoice is refused, in the ledger's
    own words. The mapping is mended, a retry takes it up again."""
    await world.connect()
    await world.map("tax_code", "EXEMPT", "NOSUCHTAX")
    await world.put(contact("c1"))
    await world.put(invoice("i1", [line("l1", tax_code="EXEMPT")]))
    told = await world.told("invoice", "i1", "entity.rejected")
    assert "NOSUCHTAX" in told["sentence"]
    await world.map("tax_code", "EXEMPT", "NONE")
    await retry(world, "i1")
    await world.settled("invoice", "i1")
    assert len(await world.live("Invoices")) == 1


async def test_a_locked_period_that_is_opened_lets_a_retry_through(world: World) -> None:
    """The books are locked after we read the company: the ledger refuses, the invoice is held with
    what to do. Opened again and tried again, it is there."""
    await world.connect()
    await world.put(contact("c1"))
    await world.settled("contact", "c1")
    await world.bookkeeper("lock", "Organisation", period_lock_date="2026-03-31")
    await world.put(invoice("i1"))
    lane = await world.held("invoice", "i1")
    assert lane["hold"] == "period-locked"
    assert "31 March 2026" in lane["hold_sentence"]
    assert "lock date" in lane["hold_action"]
    await world.bookkeeper("lock", "Organisation", period_lock_date="2026-01-31")
    await retry(world, "i1")
    await world.settled("invoice", "i1")
    assert len(await world.live("Invoices")) == 1


async def test_an_archived_contact_that_is_restored_lets_its_invoice_through(
    world: World,
) -> None:
    """The customer is archived in the ledger: his invoice is held and says so. Restored there, the
    invoice goes on after a retry."""
    await world.connect()
    await world.put(contact("c1"))
    await world.settled("contact", "c1")
    [there] = await world.live("Contacts")
    await world.bookkeeper("archive", "Contacts", there["ContactID"])
    await world.put(invoice("i1"))
    lane = await world.held("invoice", "i1")
    assert "archived" in lane["hold_sentence"]
    assert await world.live("Invoices") == []
    await world.bookkeeper("unarchive", "Contacts", there["ContactID"])
    await world.quiet()
    await retry(world, "i1")
    await world.settled("invoice", "i1")
    assert len(await world.live("Invoices")) == 1


async def test_totals_the_ledger_would_not_meet_are_held_with_both_figures(world: World) -> None:
    """The product says 100.01 where two lines of 50.00 make 100.00: no call leaves, and the
    sentence has both. Corrected, the invoice is there."""
    await world.connect()
    await world.put(contact("c1"))
    await world.settled("contact", "c1")
    writes = await world.writes()
    off = Totals(net=Decimal("100.01"), tax=Decimal(0), gross=Decimal("100.01"))
    await world.put(invoice("i1", totals=off))
    lane = await world.held("invoice", "i1")
    assert lane["hold"] == "rounding"
    assert "100.01" in lane["hold_sentence"]
    assert "100.00" in lane["hold_sentence"]
    assert await world.writes() == writes
    await world.put(invoice("i1"), 2)
    await world.settled("invoice", "i1", 2)
    assert [i["Total"] for i in await world.live("Invoices")] == [100]


async def test_a_connector_killed_between_a_hold_and_the_look_whether_it_still_stands(
    world: World,
) -> None:
    """The word is mapped while a worker is about to hold the invoice for it, and he dies before he
    could see that. Whoever comes next looks again: it goes on, and was told as held once."""
    await world.connect()
    await world.put(contact("c1"))
    await world.settled("contact", "c1")
    async with _stopped_when_held(world) as (db, stopped):
        await world.put(invoice("i1", [line("l1", tax_code="EXEMPT")]))
        await world.until(stopped, "it to be about to be held")
        async with db.transaction():
            # He waits for this transaction once he has held it.
            await db.execute(
                "insert into mapping (connection, kind, local, external, suggested) "
                "values ($1, 'tax_code', 'EXEMPT', 'ZERORATEDOUTPUT', false)",
                world.connection,
            )
            await db.execute(
                "update connection set changes = changes + 1 where id = $1", world.connection
            )
            await db.execute("select pg_advisory_unlock_all()")
            assert (await world.held("invoice", "i1"))["hold"] == "unmapped"
            await world.kill_connector()
    await world.start_connector()
    await world.settled("invoice", "i1")
    told = [name for name, _ in await world.events("invoice", "i1")]
    assert told.count("entity.held") == 1


@asynccontextmanager
async def _stopped_when_held(
    world: World,
) -> AsyncIterator[tuple[Connection, Callable[[], Awaitable[bool]]]]:
    """Whoever holds a lane of this world waits, inside his transaction, until the connection that
    is yielded gives its advisory locks up; with it a look whether one waits."""
    number = abs(hash(world.tenant)) % 2**31
    db = await asyncpg.connect(world.environment["POSTGRES_URL"])
    await db.execute(
        f"""
        set search_path = connectors_xero;
        select pg_advisory_lock({number});
        create function stopped() returns trigger language plpgsql as
            $$ begin perform pg_advisory_xact_lock({number}); return new; end $$;
        grant execute on function stopped() to public;
        create trigger stopped before update on lane for each row
            when (new.connection = '{world.connection}' and old.hold = '' and new.hold <> '')
            execute function stopped();
        """
    )

    async def look() -> bool:
        waiting: bool = await db.fetchval(
            "select exists (select from pg_locks where locktype = 'advisory' and not granted "
            "and objid = $1::bigint::oid)",
            number,
        )
        return waiting

    try:
        yield db, look
    finally:
        await db.execute("select pg_advisory_unlock_all()")
        await db.execute("drop trigger stopped on lane; drop function stopped()")
        await db.close()
