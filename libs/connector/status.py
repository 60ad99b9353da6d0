"""What an operator may ask a connector: its connections, what waits, what is held and why."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request

from libs.connector.kernel import Kernel
from libs.service.settings import ServiceSettings
from libs.service.tokens import Caller, TokenVerifier, caller_dependency

STATES = ("absent", "bound", "void", "gone")


def router(settings: ServiceSettings) -> APIRouter:
    """`/internal/...`, for signed service tokens only."""
    routes = APIRouter(prefix="/internal", tags=["internal"])
    name = "connectors"
    caller = caller_dependency(TokenVerifier.from_settings(name, settings))
    known = Annotated[Caller, Depends(caller)]

    @routes.get("/status")
    async def status(request: Request, _: known, tenant: str | None = None) -> dict[str, Any]:
        """Every connection with its counts, what is held and the quota left."""
        kernel: Kernel = request.app.state.kernel
        rows = await kernel.pool.fetch(
            "select id from connection where $1::text is null or tenant = $1 order by id", tenant
        )
        return {"connections": [await _connection(kernel, row["id"]) for row in rows]}

    @routes.get("/connections/{connection}/records/{kind}/{entity}")
    async def record(
        request: Request, _: known, connection: str, kind: str, entity: str
    ) -> dict[str, Any]:
        """One record: its lane, its parts, its calls and what happened to it."""
        kernel: Kernel = request.app.state.kernel
        return await _record(kernel, f"{connection}/{kind}/{entity}")

    return routes


CONNECTION = """
select id, tenant, company_name, state, restoring, facts is not null as described,
    case when held_until > now() then hold else '' end as hold, policy, timed, runs_at,
    running_since is not null as running
from connection where id = $1
"""
LANES = "select type, state, count(*) as n from lane where connection = $1 group by 1, 2"
HELD = """
select type, id, case when dead then 'rejected' else hold end as reason,
    hold_sentence as sentence, hold_action as action from lane
where connection = $1 and (hold <> '' or dead) order by type, id limit 200
"""
WAITING = """
select count(distinct i.lane) from inbox i join lane l on l.key = i.lane
where i.connection = $1 and i.state = 'pending' and l.due_at is not null
"""
CALLS = """
select type, verb, count(*) as calls, sum(lanes)::int as records from call
where connection = $1 group by 1, 2 order by 1, 2
"""


async def _connection(kernel: Kernel, connection: str) -> dict[str, Any]:
    async with kernel.pool.acquire() as db:
        row = await db.fetchrow(CONNECTION, connection)
        lanes = await db.fetch(LANES, connection)
        held = await db.fetch(HELD, connection)
        waiting: int = await db.fetchval(WAITING, connection)
        calls = await db.fetch(CALLS, connection)
        quota = await kernel.sessions.limiter.left(db, connection)
    assert row is not None
    return {
        **dict(row),
        "policy": json.loads(row["policy"]),
        "lanes": {state: sum(r["n"] for r in lanes if r["state"] == state) for state in STATES},
        "lanes_by_type": [dict(lane) for lane in lanes],
        "waiting": waiting,
        "held": [dict(one) for one in held],
        "calls_used": [dict(call) for call in calls],
        "quota_left": quota,
    }


async def _record(kernel: Kernel, key: str) -> dict[str, Any]:
    async with kernel.pool.acquire() as db:
        lane = await db.fetchrow(
            """
            select key, state, generation, revision, marker, ledger_number, number, attempts, hold,
                hold_sentence, hold_action, dead, skipped, facts from lane where key = $1
            """,
            key,
        )
        if lane is None:
            raise HTTPException(404, f"{key} is not known here.")
        parts = await db.fetch("select external_id, generation from part where lane = $1", key)
        calls = await db.fetch(
            """
            select c.id::text, c.key, c.verb, c.method, c.path, c.lanes, c.first_sent, c.state,
                c.outcome
            from intent i join call c on c.id = i.call where i.lane = $1 order by c.first_sent
            """,
            key,
        )
        history = await db.fetch(
            """
            select at, published_at, headers ->> 'ce_type' as event, convert_from(value, 'utf8')
                as value from journal where key = $1 order by seq
            """,
            key,
        )
        received = await db.fetch(
            "select kind, revision, state, received_at from inbox where lane = $1 order by seq", key
        )
    return {
        **dict(lane),
        "facts": json.loads(lane["facts"]),
        "parts": [dict(part) for part in parts],
        "calls": [dict(call) for call in calls],
        "received": [dict(row) for row in received],
        "history": [{**dict(row), "value": json.loads(row["value"])} for row in history],
    }
