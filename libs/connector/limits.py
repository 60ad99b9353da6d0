"""The vendor's limits: GCRA rows in PostgreSQL shared by all replicas, by the database's clock."""

from dataclasses import dataclass
from datetime import timedelta

from contracts.provider import Limits, Window
from libs.connector.errors import RateLimited
from libs.service.database import Connection, Pool

PATIENCE = timedelta(milliseconds=500)


@dataclass(frozen=True, slots=True)
class Limiter:
    """Takes calls out of every window they count in; all replicas share the rows."""

    pool: Pool
    provider: str
    limits: Limits

    async def take(self, connection: str) -> None:
        """One call. Raises RateLimited, with the time to wait, where a window is used up."""
        async with self.pool.acquire() as db, db.transaction():
            for window in self.limits.windows:
                await self._take(db, window, self._scope(window, connection))
            await self._set_patience(db, connection)

    async def refused(self, connection: str, after: timedelta, problem: str) -> None:
        """The provider says that a window is used up: believe it, for `after`."""
        named = [w for w in self.limits.windows if w.name == problem.casefold()]
        window = (named or list(self.limits.windows))[0]
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

    async def _take(self, db: Connection, window: Window, scope: str) -> None:
        spacing, tolerance = _spacing(window), _tolerance(window)
        taken = await db.fetchval(
            """
            insert into rate_limit as r (scope, tat) values ($1, now() + $2)
            on conflict (scope) do update set tat = greatest(r.tat, now()) + $2
            where greatest(r.tat, now()) + $2 <= now() + $3
            returning true
            """,
            scope,
            spacing,
            tolerance,
        )
        if taken:
            return
        wait: timedelta = await db.fetchval(
            "select tat + $2 - now() - $3 from rate_limit where scope = $1",
            scope,
            spacing,
            tolerance,
        )
        raise RateLimited(f"The limit of calls per {window.name} is used up.", wait)

    async def _set_patience(self, db: Connection, connection: str) -> None:
        """With less than half of a window left, claims wait for a bulk call to fill."""
        low = await db.fetchval(
            """
            select exists (
                select from unnest($1::text[], $2::interval[]) as w (scope, half)
                join rate_limit r on r.scope = w.scope where r.tat > now() + w.half
            )
            """,
            [self._scope(w, connection) for w in self.limits.windows],
            [_tolerance(w) / 2 for w in self.limits.windows],
        )
        await db.execute(
            "update connection set patience = $2 where id = $1 and patience <> $2",
            connection,
            PATIENCE if low else timedelta(),
        )


def _burst(window: Window) -> int:
    return window.burst or max(1, window.calls * 2 // 3)


def _spacing(window: Window) -> timedelta:
    calls = max(1, window.calls - _burst(window))
    return timedelta(seconds=window.seconds) / calls


def _tolerance(window: Window) -> timedelta:
    return _burst(window) * _spacing(window)
