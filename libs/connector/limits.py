"""The vendor's limits: GCRA rows in PostgreSQL shared by all replicas, by the database's clock."""

from dataclasses import dataclass
from datetime import timedelta

from contracts.provider import Limits, Window
from libs.connector.errors import RateLimited
from libs.service.database import Connection, Pool

PATIENCE = timedelta(milliseconds=500)
"""With less than half of a window left, claims wait this long for a bulk call to fill."""
NARROW = timedelta(seconds=1)
"""With hardly anything left, one claim of a connection is worked on at a time."""
AT_ONCE = 3
"""Calls that the longest turn needs: it finds, reads and writes."""
TAKE = """
with w as (
    select * from unnest($1::text[], $2::interval[], $3::interval[])
        as w (scope, spacing, tolerance)
), locked as (
    select scope, tat from rate_limit where scope = any($1) order by scope for update
), asked as (
    select w.*, greatest(l.tat, now()) + w.spacing as tat from w left join locked l using (scope)
), used_up as (
    select scope, tat - tolerance - now() as wait from asked where tat - tolerance > now()
    order by wait desc limit 1
), taken as (
    insert into rate_limit (scope, tat)
    select scope, tat from asked where not exists (select from used_up) order by scope
    -- Where another's first call came between, it counts too.
    on conflict (scope) do update set tat = greatest(rate_limit.tat, now())
        + (select spacing from asked a where a.scope = rate_limit.scope)
), wanted as (
    select case when bool_or(tat - tolerance + 5 * spacing > now()) then $6
        when bool_or(tat - tolerance / 2 > now()) then $5 else interval '0' end as patience
    from asked
), waits as (
    update connection set patience = wanted.patience from wanted
    where id = $4 and connection.patience <> wanted.patience
)
-- What a crash of the server forgets is within the burst: no need to wait for its disk.
select scope, wait, set_config('synchronous_commit', 'off', true) from used_up
"""


@dataclass(frozen=True, slots=True)
class Limiter:
    """Takes calls out of every window they count in; all replicas share the rows."""

    pool: Pool
    provider: str
    limits: Limits

    async def take(self, connection: str) -> None:
        """One call out of every window, or out of none.

        Raises RateLimited where one is used up, with the time until a few calls are free again:
        what needs a read and a write must not be let in for the read alone.
        """
        windows = self.limits.windows
        async with self.pool.acquire() as db:
            row = await db.fetchrow(
                TAKE,
                [self._scope(w, connection) for w in windows],
                [_spacing(w) for w in windows],
                [_tolerance(w) for w in windows],
                connection,
                PATIENCE,
                NARROW,
            )
        if row is not None and row["wait"] is not None:
            [window] = [w for w in windows if self._scope(w, connection) == row["scope"]]
            after = row["wait"] + (AT_ONCE - 1) * _spacing(window)
            raise RateLimited(f"The limit of calls per {window.name} is used up.", after)

    async def refused(self, connection: str, after: timedelta, problem: str) -> None:
        """The provider says that a window is used up: believe it, for `after`."""
        named = [w for w in self.limits.windows if w.name == problem.casefold()]
        for window in (named or self.limits.windows)[:1]:
            await self._fill(window, connection, after)

    async def _fill(self, window: Window, connection: str, after: timedelta) -> None:
        async with self.pool.acquire() as db:
            await db.execute(
                """
                insert into rate_limit as r (scope, tat) values ($1, now() + $2 + $3)
                on conflict (scope) do update set tat = greatest(r.tat, now() + $2 + $3)
                """,
                self._scope(window, connection),
                after,
                _tolerance(window),
            )

    async def left(self, db: Connection, connection: str) -> dict[str, int]:
        """Window -> calls that may go at once now."""
        found = {}
        for window in self.limits.windows:
            used: timedelta | None = await db.fetchval(
                "select greatest(tat - now(), interval '0') from rate_limit where scope = $1",
                self._scope(window, connection),
            )
            free = _tolerance(window) - (used or timedelta())
            found[window.name] = max(0, int(free / _spacing(window)))
        return found

    def _scope(self, window: Window, connection: str) -> str:
        shared = self.provider if window.scope == "app" else connection
        return f"{shared}/{window.name}"


def _burst(window: Window) -> int:
    return window.burst or max(1, window.calls * 2 // 3)


def _spacing(window: Window) -> timedelta:
    calls = max(1, window.calls - _burst(window))
    return timedelta(seconds=window.seconds) / calls


def _tolerance(window: Window) -> timedelta:
    return _burst(window) * _spacing(window)
