"""Access tokens that are good: one refresh in flight per grant, whatever happens to its answer."""

import asyncio
import hashlib
import hmac
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import structlog

from services.auth.connections import Connections
from services.auth.errors import GrantDead, Misconfigured, VendorDown
from services.auth.grants import Grant, Grants
from services.auth.line import TIMEOUT
from services.auth.vendors import Vendors

if TYPE_CHECKING:
    from libs.service.database import Pool

FLOOR = timedelta(seconds=30)
# A lost answer is asked for once more under the same lease.
LEASE = timedelta(seconds=2 * TIMEOUT + 5)
PAUSE = timedelta(seconds=1)
PATIENCE = LEASE.total_seconds() + TIMEOUT
LOOK_AGAIN = 0.05

log = structlog.get_logger()


class AccessToken(NamedTuple):
    """An access token and its end; never print it."""

    value: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"AccessToken(expires_at={self.expires_at})"


class Keys:
    """Hands out access tokens and renews them ahead of their end."""

    def __init__(
        self,
        pool: "Pool",
        grants: Grants,
        connections: Connections,
        vendors: Vendors,
        margin: timedelta,
    ) -> None:
        self._pool = pool
        self._grants = grants
        self._connections = connections
        self._vendors = vendors
        self._margin = margin

    async def access(self, grant: uuid.UUID, *, stale: str | None = None) -> AccessToken:
        """A token good for a call that leaves now; `stale` is the hash of one that was refused.

        Raises `GrantDead` when a person must connect again, `VendorDown` when the provider's
        token endpoint does not answer, `Misconfigured` when our app is not accepted there.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._access(grant, stale)
        except TimeoutError:
            raise VendorDown("The refresh of the token is taking too long.") from None

    async def renew(self, grant: uuid.UUID) -> AccessToken:
        """Refresh now, whatever is left of the present token; raises as `access` does."""
        return await self.access(grant, stale=digest((await self._read(grant)).access))

    async def _access(self, grant: uuid.UUID, stale: str | None) -> AccessToken:
        while True:
            found = await self._read(grant)
            refused = stale is not None and hmac.compare_digest(stale, digest(found.access))
            token = AccessToken(found.access, found.expires_at)
            if found.fresh and not refused and not found.in_doubt:
                return token
            spare = token if found.usable and not refused else None
            if not await self._refreshed(found, spare) and spare is not None:
                return spare

    async def _refreshed(self, grant: Grant, spare: AccessToken | None) -> bool:
        """Whether to look again at once; with nothing to spare it waits for whoever refreshes."""
        try:
            if grant.waiting:
                raise VendorDown("The provider did not answer a moment ago.")
            version = await self._grants.lease(grant, LEASE)
            if version is not None:
                await self._refresh(grant, version)
                return True
        except (VendorDown, Misconfigured):
            if spare is None:
                raise
            return False
        if spare is None:
            await asyncio.sleep(LOOK_AGAIN)
        return False

    async def _refresh(self, grant: Grant, version: int) -> None:
        vendor = self._vendors[grant.provider]
        try:
            if grant.refresh is None:
                raise GrantDead(f"{vendor.name} gave access for a limited time, which is over.")
            tokens = await vendor.refresh(grant.refresh)
        except GrantDead as dead:
            reason = _why(grant, str(dead))
            if await self._bury(grant, version, reason):
                raise GrantDead(reason) from None
            return
        except (VendorDown, Misconfigured) as error:
            await self._grants.postpone(grant, version, getattr(error, "after", None) or PAUSE)
            log.warning("refresh.failed", grant=str(grant.id), reason=str(error))
            raise
        await self._grants.settle(grant, version, tokens)
        log.info("refresh.settled", grant=str(grant.id), provider=grant.provider)

    async def _bury(self, grant: Grant, version: int, reason: str) -> bool:
        """False: somebody has connected again meanwhile, so there is a new token to look at."""
        async with self._pool.acquire() as db, db.transaction():
            if not await self._grants.bury(db, grant.id, version):
                return False
            await self._connections.break_all(db, grant.id, reason)
        log.warning("grant.dead", grant=str(grant.id), reason=reason)
        return True

    async def _read(self, grant: uuid.UUID) -> Grant:
        found = await self._grants.read(grant, margin=self._margin, floor=FLOOR)
        if found is None or not found.live:
            raise GrantDead("The access that was granted has ended.")
        return found


def digest(token: str) -> str:
    """How a token is named without showing it: SHA-256, hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def _why(grant: Grant, reason: str) -> str:
    if grant.in_doubt:
        return f"{reason} The answer to an earlier renewal was lost for too long."
    return reason
