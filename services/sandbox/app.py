"""The sandbox service: simulated vendors under `/<provider>`, their switches under `/_control`."""

import os
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager

from fastapi import FastAPI

from libs.service.app import create_service
from services.sandbox import control
from services.sandbox.cutting import Cuttable
from services.sandbox.provider import Provider
from services.sandbox.providers.xero.provider import XeroProvider

SIMULATORS: dict[str, Callable[[bool], Provider]] = {
    "xero": lambda limits: XeroProvider(limits=limits),
}


def create_app(providers: Collection[str] | None = None, *, limits: bool | None = None) -> FastAPI:
    """The sandbox with these providers (all by default).

    `limits` switches the vendors' rate limits on or off; by default they are on unless the
    environment variable `SANDBOX_LIMITS` is `off`. Raises ValueError for an unknown provider.
    """
    if limits is None:
        limits = os.environ.get("SANDBOX_LIMITS", "").lower() != "off"
    unknown = set(providers or ()) - set(SIMULATORS)
    if unknown:
        raise ValueError(f"There is no simulator of {sorted(unknown)}.")
    simulated = {name: SIMULATORS[name](limits) for name in providers or SIMULATORS}

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        yield
        for provider in simulated.values():
            await provider.aclose()

    app = create_service("Ledgerbridge sandbox", resources=[running])
    control.mount(app, simulated)
    for name, provider in simulated.items():
        app.mount(f"/{name}", provider.app)
    app.middleware_stack = Cuttable(app.build_middleware_stack())
    return app
