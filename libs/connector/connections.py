"""The connections of this provider: a fold of auth's topic, asked inside each transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import asyncpg

from contracts.messages import Connection as ConnectionMessage
from contracts.messages import Scope
from libs.connector.interface import Company
from libs.connector.policy import Policy
from libs.service.database import Connection


@dataclass(frozen=True, slots=True)
class Account:
    """One tenant's company at the provider, as this connector knows it."""

    id: str
    tenant: str
    company_id: str
    company_name: str
    state: str
    starts_at: datetime
    scope: Scope
    policy: Policy
    company: Company | None
    changes: int = 0
    """How often anything of it had changed when it was read."""


_COLUMNS = "id, tenant, company, company_name, state, starts_at, scope, policy, facts, changes"


def _account(row: asyncpg.Record) -> Account:
    facts = row["facts"]
    return Account(
        row["id"],
        row["tenant"],
        row["company"],
        row["company_name"],
        row["state"],
        row["starts_at"],
        Scope.model_validate_json(row["scope"]),
        Policy.model_validate_json(row["policy"]),
        Company.model_validate_json(facts) if facts else None,
        row["changes"],
    )


async def account(db: Connection, connection: str) -> Account:
    """One connection; raises KeyError where it is not known."""
    row = await db.fetchrow(f"select {_COLUMNS} from connection where id = $1", connection)
    if row is None:
        raise KeyError(connection)
    return _account(row)


async def of_tenants(db: Connection, tenants: Sequence[str]) -> Mapping[str, list[str]]:
    """Tenant -> the ids of its connections that take events (open or to be reconnected)."""
    rows = await db.fetch(
        """
        select tenant, id from connection where tenant = any($1) and state <> 'closed' order by id
        """,
        list(tenants),
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["tenant"], []).append(row["id"])
    return found


async def of_company(db: Connection, company: str) -> list[str]:
    """The connections of a provider's company that are open."""
    rows = await db.fetch(
        "select id from connection where company = $1 and state = 'open' order by id", company
    )
    return [row["id"] for row in rows]


FOLD = """
insert into connection
    (id, tenant, company, company_name, state, opened_at, starts_at, scope, version)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (id) do update set company_name = excluded.company_name,
    state = excluded.state, opened_at = excluded.opened_at,
    -- A start moved back by command is ours alone to know, until it is opened anew.
    starts_at = case when connection.state = 'closed' then excluded.starts_at
        else least(connection.starts_at, excluded.starts_at) end,
    scope = excluded.scope, version = excluded.version, changes = connection.changes + 1,
    held_until = case when connection.hold in ('disconnected', 'wrong-company')
        then '-infinity' else connection.held_until end,
    hold = case when connection.hold in ('disconnected', 'wrong-company')
        then '' else connection.hold end
"""


async def fold(db: Connection, message: ConnectionMessage) -> Literal["opened", "moved", ""]:
    """Take in auth's newest word; says whether the log must be read again for it."""
    before = await db.fetchrow(
        "select state, starts_at, scope, version from connection where id = $1 for update",
        message.id,
    )
    if before and before["version"] >= message.version:
        return ""
    await db.execute(
        FOLD,
        message.id,
        message.tenant,
        message.company,
        message.company_name,
        message.state,
        message.opened_at,
        message.starts_at,
        message.scope.model_dump_json(),
        message.version,
    )
    moved = before is None or message.starts_at < before["starts_at"]
    scope = None if before is None else Scope.model_validate_json(before["scope"])
    closed = (before is None or before["state"] == "closed") != (message.state == "closed")
    if moved or closed or scope != message.scope:
        await reconsider(db, message.tenant)
    if message.state != "open":
        return ""
    if before is None or before["state"] == "closed":
        return "opened"
    return "moved" if message.starts_at < before["starts_at"] else ""


TURNED = (
    "no-connection", "unmapped", "mapping-broken", "waits", "conflict", "duplicate-number",
    "period-locked", "not-described", "currency", "account", "tax-code", "contact-archived",
)  # fmt: skip
"""Reasons to hold a lane that may end with a change of its connection."""


async def reconsider(db: Connection, tenant: str) -> None:
    """A start, a scope or a policy has moved: what was turned away by it is looked at again."""
    await db.execute("update connection set changes = changes + 1 where tenant = $1", tenant)
    await _look_again(db, tenant, None, ("no-connection",))


async def changed(db: Connection, connection: str) -> None:
    """Something of it has changed: who is under way looks again."""
    await db.execute("update connection set changes = changes + 1 where id = $1", connection)


async def catch_up(db: Connection, account: Account, keys: Sequence[str]) -> None:
    """What a worker has just decided by an `account` that has changed meanwhile is decided anew.

    It waits for whoever is changing the connection, so call it without a transaction.
    """
    changes = await db.fetchval(
        "select changes from connection where id = $1 for share", account.id
    )
    if changes == account.changes:
        return
    await db.execute(
        """
        update connection set held_until = '-infinity', hold = ''
        where id = $1 and hold = 'disconnected' and state = 'open'
        """,
        account.id,
    )
    await _look_again(db, account.tenant, list(keys), TURNED)


async def _look_again(
    db: Connection, tenant: str, keys: Sequence[str] | None, reasons: Sequence[str]
) -> None:
    # Never waits for a lane: who holds one catches up when he is done.
    await db.execute(
        """
        with turned as (
            select l.key, l.skipped from lane l join connection c on c.id = l.connection
            where c.tenant = $1 and ($2::text[] is null or l.key = any($2))
              and (l.hold = any($3) or l.skipped)
            for update of l skip locked
        ), newest as (
            select max(i.seq) as seq from inbox i join turned t on t.key = i.lane and t.skipped
            where i.kind <> 'notice' group by i.lane
        ), again as (
            update inbox i set state = 'pending' from newest n where i.seq = n.seq
        )
        update lane set due_at = now(), hold = '' from turned where lane.key = turned.key
        """,
        tenant,
        keys,
        list(reasons),
    )
    await db.execute("select pg_notify('lane', '')")


async def hold(db: Connection, connection: str, seconds: float, reason: str) -> None:
    """Pause a connection: nothing of it is claimed until then."""
    await db.execute(
        """
        update connection set held_until = greatest(held_until, now() + make_interval(secs => $2)),
            hold = $3 where id = $1
        """,
        connection,
        seconds,
        reason,
    )


async def described(db: Connection, connection: str, company: Company) -> None:
    """Keep what was read of the company."""
    await db.execute(
        """
        update connection set facts = $2, described_at = now(), changes = changes + 1 where id = $1
        """,
        connection,
        company.model_dump_json(),
    )


async def set_policy(db: Connection, connection: str, changes: Mapping[str, Any]) -> None:
    """Change a connection's policy; what is not named stays."""
    former = (await account(db, connection)).policy.model_dump(mode="json")
    directions = {**former["directions"], **changes.get("directions", {})}
    policy = {**changes, "directions": directions}
    await db.execute(
        """
        update connection set policy = policy || $2::jsonb, changes = changes + 1 where id = $1
        """,
        connection,
        json.dumps(policy),
    )


async def other_scopes(db: Connection, of: Account) -> list[Scope]:
    """The scopes of the tenant's other connections at this provider."""
    rows = await db.fetch(
        """
        select id, scope from connection where tenant = $1 and id <> $2 and state <> 'closed'
        order by id
        """,
        of.tenant,
        of.id,
    )
    return [Scope.model_validate_json(row["scope"]) for row in rows]
