"""Webhook secrets of single connections, for providers without one key per application."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Response
from pydantic import Field, SecretStr

from contracts.values import Model
from libs.service.app import empty
from libs.service.secrets import SecretUnreadable, Vault
from libs.service.tokens import Caller, TokenVerifier, caller_dependency
from services.webhook_gateway.store import Store, StoreUnavailable

OWNER = "auth"


class NewSecret(Model):
    """What the provider signs a connection's webhooks with."""

    secret: Annotated[SecretStr, Field(min_length=8, max_length=500)]


@dataclass(frozen=True, slots=True)
class WebhookSecrets:
    """Kept sealed, so every call but for nothing needs PostgreSQL and a vault."""

    store: Store
    vault: Vault | None

    async def of(self, provider: str, companies: Sequence[str]) -> dict[str, bytes]:
        """The secret of each company that has one; raises `StoreUnavailable`."""
        if self.vault is None or not companies:
            return {}
        async with self.store.brief() as connection:
            rows = await connection.fetch(
                """
                select company, sealed from webhook_secret
                where provider = $1 and company = any($2::text[])
                """,
                provider,
                companies,
            )
        return {row["company"]: self._open(provider, row["company"], row["sealed"]) for row in rows}

    async def put(self, provider: str, company: str, secret: bytes) -> None:
        """Raises `StoreUnavailable`."""
        assert self.vault is not None
        sealed = self.vault.seal(secret, _context(provider, company))
        async with self.store.brief() as connection:
            await connection.execute(
                """
                insert into webhook_secret (provider, company, sealed) values ($1, $2, $3)
                on conflict (provider, company)
                do update set sealed = excluded.sealed, set_at = now()
                """,
                provider,
                company,
                sealed,
            )

    def _open(self, provider: str, company: str, sealed: bytes) -> bytes:
        assert self.vault is not None
        try:
            return self.vault.open(sealed, _context(provider, company))
        except SecretUnreadable as error:
            # Not a wrong signature: the provider must try again once the key ring is mended.
            raise StoreUnavailable from error


def secrets_router(secrets: WebhookSecrets, verifier: TokenVerifier) -> APIRouter:
    """The internal call by which auth hands over the secret of a connection."""
    router = APIRouter(prefix="/internal/webhook-secrets", tags=["internal"])
    authenticated = Depends(caller_dependency(verifier))

    @router.put("/{provider}/{company}", status_code=204)
    async def put(
        provider: str, company: str, new: NewSecret, caller: Annotated[Caller, authenticated]
    ) -> Response:
        """Set or replace the secret that a company's webhooks are signed with."""
        if caller.service != OWNER:
            raise HTTPException(403, f"Only {OWNER} sets webhook secrets.")
        try:
            await secrets.put(provider, company, new.secret.get_secret_value().encode())
        except StoreUnavailable:
            raise HTTPException(503, "PostgreSQL does not answer; try again.") from None
        return empty(204)

    return router


def _context(provider: str, company: str) -> str:
    return f"webhook/{provider}/{company}"
