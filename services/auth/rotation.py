"""Re-encrypts the vault under the ring's current key: `python -m services.auth.rotation`."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from libs.service.database import database
from libs.service.logging import configure_logging
from libs.service.secrets import KeyRing, Vault
from services.auth.grants import context
from services.auth.settings import AuthSettings

if TYPE_CHECKING:
    from libs.service.database import Pool

MIGRATIONS = Path(__file__).parent / "migrations"
SEALED = "select id from provider_grant where tokens is not null order by id"
LOCKED = "select tokens from provider_grant where id = $1 and tokens is not null for update"

log = structlog.get_logger()


async def rotate(pool: "Pool", vault: Vault) -> int:
    """Re-encrypt what an older key wraps, while the service runs; how many grants that were.

    Raises `SecretUnreadable` when the ring lacks a key that is still in use.
    """
    ids = [row["id"] for row in await pool.fetch(SEALED)]
    return sum([await _rewrap(pool, vault, grant) for grant in ids])


async def _rewrap(pool: "Pool", vault: Vault, grant: UUID) -> bool:
    async with pool.acquire() as db, db.transaction():
        sealed = await db.fetchval(LOCKED, grant)
        if sealed is None or vault.is_current(sealed):
            return False
        # The version stays: the tokens are the same, so a refresh under way may still settle.
        await db.execute(
            "update provider_grant set tokens = $2 where id = $1",
            grant,
            vault.rewrap(sealed, context(grant)),
        )
    return True


async def main() -> None:
    """Rotate by the settings of the environment."""
    settings = AuthSettings()
    configure_logging("auth", settings.log_level, settings.log_format)
    vault = Vault(KeyRing.from_settings(settings))
    async with database(settings.postgres_url, "auth", MIGRATIONS, size=2) as pool:
        log.info("vault.rotated", grants=await rotate(pool, vault), key=vault.ring.current)


if __name__ == "__main__":
    asyncio.run(main())
