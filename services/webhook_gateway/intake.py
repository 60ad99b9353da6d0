"""One webhook: from its bytes to the answer the provider wants."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from fastapi import HTTPException, Request, Response
from starlette.requests import ClientDisconnect

from contracts.provider import Webhooks
from libs.service.app import empty, read_body
from services.webhook_gateway.companies import Unreadable, named_companies
from services.webhook_gateway.delivery import Delivery, NowhereToKeep
from services.webhook_gateway.figures import Figures
from services.webhook_gateway.records import Received
from services.webhook_gateway.secrets import WebhookSecrets
from services.webhook_gateway.settings import BODY_LIMIT
from services.webhook_gateway.signatures import WebhookKeys, is_signed
from services.webhook_gateway.store import StoreUnavailable

log = structlog.get_logger()


class Refused(Exception):
    """Not taken in: the status to answer with, and the reason that is counted."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes the webhooks of every provider."""

    keys: WebhookKeys
    secrets: WebhookSecrets
    delivery: Delivery
    figures: Figures

    async def take(self, provider: str, facts: Webhooks, request: Request) -> Response:
        """The answer; its body is empty whatever happens."""
        self.figures.received.labels(provider).inc()
        with self.figures.seconds.labels(provider).time():
            try:
                await self._take(provider, facts, request)
            except Refused as refused:
                self.figures.refused.labels(provider, refused.reason).inc()
                log.info("webhook.refused", provider=provider, reason=refused.reason)
                return empty(refused.status)
        return empty(200)

    async def _take(self, provider: str, facts: Webhooks, request: Request) -> None:
        body = await _read(request, facts)
        signature = request.headers.get(facts.signature_header, "")
        if not await self._is_signed(provider, facts, body, signature):
            raise Refused(facts.bad_signature_status, "signature")
        messages = Received(provider, facts.company_paths, body, datetime.now(UTC)).messages()
        try:
            await self.delivery.keep(messages)
        except NowhereToKeep:
            raise Refused(503, "nowhere-to-keep") from None
        log.info("webhook.taken", provider=provider, bytes=len(body), messages=len(messages))

    async def _is_signed(self, provider: str, facts: Webhooks, body: bytes, signature: str) -> bool:
        keys = self.keys.of(provider)
        if keys:
            return is_signed(facts, body, signature, keys)
        return await self._is_signed_by_each(provider, facts, body, signature)

    async def _is_signed_by_each(
        self, provider: str, facts: Webhooks, body: bytes, signature: str
    ) -> bool:
        """Whether the secret of every company named fits: one may not speak for another."""
        try:
            companies = named_companies(body, facts.company_paths).companies
            secrets = await self.secrets.of(provider, companies)
        except Unreadable:
            return False
        except StoreUnavailable:
            raise Refused(503, "secrets-unavailable") from None
        signed = [is_signed(facts, body, signature, [secret]) for secret in secrets.values()]
        return bool(signed) and len(secrets) == len(companies) and all(signed)


async def _read(request: Request, facts: Webhooks) -> bytes:
    try:
        async with asyncio.timeout(facts.answer_within.total_seconds()):
            return await read_body(request, BODY_LIMIT)
    except TimeoutError:
        raise Refused(408, "slow") from None
    except ClientDisconnect:
        raise Refused(400, "cut") from None
    except HTTPException as error:
        raise Refused(error.status_code, "too-large") from None
