"""Reading companies: at connect and daily; guards against the wrong one, feeds the mappings."""

from datetime import timedelta

import structlog

from libs.connector import alerts, connections, mappings, roster
from libs.connector.errors import Disconnected, RateLimited, SyncError
from libs.connector.kernel import Kernel

DAILY = timedelta(days=1)
RETRY = timedelta(seconds=5)
RECONNECT = timedelta(days=3650)
SOON = timedelta(minutes=5)
"""How often a company is read while an alert about it is open: it may have been mended."""
HELD = timedelta(hours=1)
"""How often while one of its documents waits for what may have been mended there."""
MENDED = ("unmapped", "period-locked", "not-described", "currency", "account", "tax-code")

log = structlog.get_logger()


async def describe_due(kernel: Kernel) -> int:
    """Read the companies of connections that are new, or were read a day ago; how many."""
    due = await kernel.pool.fetch(
        """
        select id from connection
        where state = 'open' and held_until <= now()
          and (described_at is null
            or described_at + $1 <= now() and (not timed or running_since is not null)
            or described_at + $2 <= now() and exists (select from alert a
                where a.connection = connection.id and a.open
                  and a.kind not in ('contact', 'untracked'))
            or described_at + $3 <= now() and exists (select from lane l
                where l.connection = connection.id and l.hold = any($4)))
        order by described_at nulls first
        """,
        DAILY,
        SOON,
        HELD,
        list(MENDED),
    )
    for row in due:
        try:
            await _describe(kernel, row["id"])
        except SyncError as error:
            log.warning("describe.failed", connection=row["id"], reason=error.reason)
            await _hold(kernel, row["id"], error)
    return len(due)


async def _describe(kernel: Kernel, connection: str) -> None:
    async with kernel.pool.acquire() as db:
        account = await connections.account(db, connection)
    session = await kernel.sessions.session(account)
    company = await kernel.connector.describe(session)
    if company.id != account.company_id:
        raise Disconnected(
            f"The connection is for {account.company_name}, but {company.name} answered.",
            reason="wrong-company",
            action=f"Connect {account.company_name} again.",
        )
    await roster.list_once(kernel, account, company)
    async with kernel.pool.acquire() as db, db.transaction():
        await connections.described(db, connection, company)
        await mappings.suggest(db, connection, company)
        await alerts.validate(db, kernel.provider.id, account, company)
        # A lock date or an account may be what something waited for.
        await db.execute(
            """
            update lane set hold = '', due_at = now() where connection = $1
              and hold = any($2)
            """,
            connection,
            list(MENDED),
        )
        await db.execute("select pg_notify('lane', '')")
    log.info("company.described", connection=connection, company=company.name)


async def _hold(kernel: Kernel, connection: str, error: SyncError) -> None:
    wait = RETRY
    if isinstance(error, RateLimited):
        wait = error.after
    elif isinstance(error, Disconnected):
        wait = RECONNECT
    async with kernel.pool.acquire() as db:
        await connections.hold(db, connection, wait.total_seconds(), error.reason)
