"""The vendor's limits: calls counted in PostgreSQL, shared by all replicas, by its clock."""

from collections.abc import Sequence
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
SLOTS = 12
"""Parts of a window that are counted apart; the part of one more that it may reach into counts
too, so that no window of the vendor's, wherever it begins, has more calls than allowed."""
ASKED = f"""
with w as (
    select *, floor(extract(epoch from now()) / extract(epoch from slot))::bigint as present
    from unnest($1::text[], $2::interval[], $3::int[]) as w (scope, slot, calls)
), locked as (
    select * from rate_limit where scope = any($1) order by scope for update
), counted as (
    select w.scope, w.slot, w.calls, greatest(w.present, l.newest) as present, l.held_until,
        (array_fill(0, array[least({SLOTS + 1}, greatest(0, w.present - l.newest))::int])
            || coalesce(l.used, '{{}}') || array_fill(0, array[{SLOTS + 1}]))[:{SLOTS + 1}] as used
    from w left join locked l using (scope)
), asked as (
    select *, calls - (select sum(u) from unnest(used) u) as free from counted
)"""
"""How each window stands now; `used`: the calls of its slots, the newest first."""
TAKE = f"""{ASKED}, used_up as (
    select scope, greatest(held_until - now(), (
        select to_timestamp(min(present + gone) * extract(epoch from slot)) - now()
        from generate_series(1, {SLOTS + 1}) gone
        where coalesce((select sum(u) from unnest(used[:{SLOTS + 1} - gone]) u), 0)
            <= calls - least(calls, {AT_ONCE})
    )) as wait
    from asked where free < 1 or held_until > now() order by wait desc limit 1
), taken as (
    insert into rate_limit (scope, newest, used)
    select scope, present, array[used[1] + 1] || used[2:] from asked
    where not exists (select from used_up) order by scope
    on conflict (scope) do update set newest = excluded.newest, used = case
        when exists (select from locked l where l.scope = excluded.scope) then excluded.used
        -- Another's first call came between, and counts too.
        else array[rate_limit.used[1] + 1] || rate_limit.used[2:] end
), wanted as (
    select case when bool_or(free <= 5) then $6 when bool_or(free <= calls / 2) then $5
        else interval '0' end as patience
    from asked where slot * {SLOTS} >= interval '10 s'
), waits as (
    update connection set patience = wanted.patience from wanted
    where id = $4 and connection.patience <> wanted.patience
)
-- What a crash of the server forgets, the vendor's own answer tells again.
select scope, wait, set_config('synchronous_commit', 'off', true) from used_up
"""


@dataclass(frozen=True, slots=True)
class Limiter:
    """Takes calls out of every window they count in; all replicas share the rows."""

    pool: Pool
    provider: str
    limits: Limits

    async def take(self, connection: str, path: str = "") -> None:
        """One call out of every window that a call of this path counts in, or out of none.

        Raises RateLimited where one is used up, with the time until a few calls are free again:
        what needs a read and a write must not be let in for the read alone.
        """
        async with self.pool.acquire() as db:
            asked = self._asked(connection, [w for w in self.limits.windows if w.counts(path)])
            row = await db.fetchrow(TAKE, *asked, connection, PATIENCE, NARROW)
        if row is not None:
            [window] = [w for w in self.limits.windows if self._is(w, connection, row["scope"])]
            raise RateLimited(f"The limit of calls per {window.name} is used up.", row["wait"])

    async def refused(self, connection: str, after: timedelta, problem: str) -> None:
        """The provider says that a window is used up: believe it, for `after`."""
        named = [w for w in self.limits.windows if w.name == problem.casefold()]
        async with self.pool.acquire() as db:
            for window in (named or self.limits.windows)[:1]:
                await db.execute(
                    """
                    insert into rate_limit as r (scope, newest, used, held_until)
                    values ($1, 0, '{}', now() + $2)
                    on conflict (scope) do update
                    set held_until = greatest(r.held_until, excluded.held_until)
                    """,
                    self._scope(window, connection),
                    after,
                )

    async def left(self, db: Connection, connection: str) -> dict[str, int]:
        """Window -> calls that may go at once now."""
        found = await db.fetch(
            f"{ASKED} select scope, case when held_until > now() then 0 else free end from asked",
            *self._asked(connection, self.limits.windows),
        )
        free = dict(map(tuple, found))
        return {w.name: free[self._scope(w, connection)] for w in self.limits.windows}

    def _asked(
        self, connection: str, windows: Sequence[Window]
    ) -> tuple[list[str], list[timedelta], list[int]]:
        return (
            [self._scope(w, connection) for w in windows],
            [timedelta(seconds=w.seconds) / SLOTS for w in windows],
            [w.calls for w in windows],
        )

    def _is(self, window: Window, connection: str, scope: str) -> bool:
        return self._scope(window, connection) == scope

    def _scope(self, window: Window, connection: str) -> str:
        shared = self.provider if window.scope == "app" else connection
        return f"{shared}/{window.name}"
