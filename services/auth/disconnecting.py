"""The end of a connection: closed here in any case, then let go at the provider."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
import structlog

from services.auth.connections import Connections
from services.auth.errors import GrantDead, Misconfigured, VendorDown
from services.auth.grants import NOT_CLOSED, Grants
from services.auth.keys import Keys
from services.auth.vendors import Vendor, Vendors

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ending:
    """Disconnects companies, and revokes a grant with its last connection."""

    connections: Connections
    grants: Grants
    keys: Keys
    vendors: Vendors

    async def disconnect(self, row: asyncpg.Record) -> bool:
        """Close a connection; whether the provider has let go of the company. May be repeated."""
        await self.connections.close(row["id"])
        released = await self.let_go(row)
        await self.release(row["grant_id"], self.vendors[row["provider"]])
        log.info("connection.closed", connection=str(row["id"]), released=released)
        return released

    async def let_go(self, row: asyncpg.Record) -> bool:
        """Tell the provider that a closed connection needs the company no more."""
        vendor = self.vendors[row["provider"]]
        if row["link"] is None:
            return True
        try:
            token = await self.keys.access(row["grant_id"])
            await vendor.let_go(token.value, row["link"])
        except (GrantDead, VendorDown, Misconfigured) as error:
            log.warning("company.kept", connection=str(row["id"]), reason=str(error))
            return False
        await self.connections.forget_link(row["id"])
        return True

    async def release(
        self, grant: uuid.UUID, vendor: Vendor, users: Sequence[str] = NOT_CLOSED
    ) -> None:
        """Erase and revoke a grant that no connection and no open choice uses."""
        token = await self.grants.end_unused(grant, users)
        if token is None:
            return
        try:
            await vendor.revoke(token)
        except (VendorDown, Misconfigured) as error:
            # The tokens are erased here, so only the vendor's own list still shows the app.
            log.warning("grant.unrevoked", grant=str(grant), reason=str(error))
