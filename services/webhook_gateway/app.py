"""The webhook gateway: `POST /webhooks/<provider>`, from the raw body to Kafka or the spool."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from fastapi import FastAPI, HTTPException, Request, Response
from prometheus_client import CollectorRegistry

from contracts.provider import Webhooks, provider, provider_ids
from libs.messaging.publisher import Publisher
from libs.messaging.topics import Names
from libs.service.app import NotReadyYet, create_service
from libs.service.metrics import new_registry
from libs.service.secrets import KeyRing, Vault
from libs.service.tokens import TokenVerifier
from services.webhook_gateway.background import Background
from services.webhook_gateway.delivery import Delivery
from services.webhook_gateway.drain import Drain
from services.webhook_gateway.figures import Figures
from services.webhook_gateway.intake import Intake
from services.webhook_gateway.outlet import Outlet
from services.webhook_gateway.secrets import WebhookSecrets, secrets_router
from services.webhook_gateway.settings import SCHEMA, GatewaySettings
from services.webhook_gateway.signatures import WebhookKeys
from services.webhook_gateway.spool import Spool
from services.webhook_gateway.store import Store, StoreUnavailable

log = structlog.get_logger()


def create_app() -> FastAPI:
    """The service, its settings and webhook keys read from the environment."""
    gateway = Gateway.assemble(GatewaySettings(), WebhookKeys.from_environment())
    app = create_service(
        "Webhook gateway",
        resources=[gateway.open],
        checks={"intake": gateway.check},
        registry=gateway.registry,
    )
    gateway.add_routes(app)
    return app


@dataclass(frozen=True, slots=True)
class Gateway:
    """The parts of the service, put together."""

    settings: GatewaySettings
    registry: CollectorRegistry
    vendors: dict[str, Webhooks]
    publisher: Publisher
    store: Store
    outlet: Outlet
    drain: Drain
    intake: Intake
    background: Background

    @classmethod
    def assemble(cls, settings: GatewaySettings, keys: WebhookKeys) -> "Gateway":
        vendors = {name: facts for name in provider_ids() if (facts := provider(name).webhooks)}
        registry = new_registry()
        figures = Figures.create(registry)
        publisher = Publisher(
            settings.kafka_url, Names(settings.topic_prefix), client_id="webhook_gateway"
        )
        store = Store(settings.postgres_url, settings.store_within)
        spool = Spool(store)
        outlet = Outlet(publisher, settings, tuple(vendors), figures, spool.stirred)
        secrets = WebhookSecrets(store, _vault(settings))
        intake = Intake(keys, secrets, Delivery(outlet, spool, figures), figures)
        drain = Drain(outlet, spool, figures, settings)
        return cls(
            settings, registry, vendors, publisher, store, outlet, drain, intake, Background()
        )

    @asynccontextmanager
    async def open(self, _: FastAPI) -> AsyncIterator[None]:
        """Starts whether or not Kafka and PostgreSQL are there."""
        work = self.background.running(
            store=self.store.run(), outlet=self.outlet.run(), drain=self.drain.run()
        )
        async with self.publisher, work:
            yield

    async def check(self, _: FastAPI) -> None:
        """Ready while a webhook can be kept somewhere; raises `NotReadyYet`."""
        if self.background.dead:
            raise NotReadyYet(f"The task {self.background.dead} has died; see the log.")
        if self.outlet.up:
            return
        try:
            await self.store.ping()
        except StoreUnavailable:
            raise NotReadyYet("Neither Kafka nor PostgreSQL answers.") from None

    def add_routes(self, app: FastAPI) -> None:
        @app.post("/webhooks/{provider}", tags=["webhooks"])
        async def webhook(provider: str, request: Request) -> Response:
            """A provider's webhook, its raw body signed; the answer has no body."""
            if provider not in self.vendors:
                raise HTTPException(404, "No provider of that name sends webhooks here.")
            return await self.intake.take(provider, self.vendors[provider], request)

        if self.intake.secrets.vault and self.settings.service_public_keys:
            verifier = TokenVerifier.from_settings(SCHEMA, self.settings)
            app.include_router(secrets_router(self.intake.secrets, verifier))


def _vault(settings: GatewaySettings) -> Vault | None:
    if settings.vault_keys is None and settings.vault_keys_file is None:
        return None
    return Vault(KeyRing.from_settings(settings))
