"""The sandbox service: simulated vendors under `/<provider>`, their switches under `/_control`."""

import os
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import cast

from fastapi import FastAPI

from libs.service.app import create_service
from services.sandbox import control
from services.sandbox import providers as simulators
from services.sandbox.cutting import Cuttable
from services.sandbox.provider import Provider


def create_app(providers: Collection[str] | None = None, *, limits: bool | None = None) -> FastAPI:
    """The sandbox with these providers (all by default).

    `limits` switches the vendors' rate limits on or off. Where they are not given, the environment
    decides: `SANDBOX_PROVIDERS` names some, `SANDBOX_LIMITS=off` lifts the limits. Raises
    ValueError for an unknown provider.
    """
    if limits is None:
        limits = os.environ.get("SANDBOX_LIMITS", "").lower() != "off"
    known = known_simulators()
    named = os.environ.get("SANDBOX_PROVIDERS", "")
    providers = providers or [name.strip() for name in named.split(",") if name.strip()]
    unknown = set(providers or ()) - set(known)
    if unknown:
        raise ValueError(f"There is no simulator of {sorted(unknown)}.")
    simulated = {name: _simulator(name, limits=limits) for name in providers or known}

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


def known_simulators() -> list[str]:
    """The providers that have a module `provider` in `services.sandbox.providers`, sorted."""
    found = (module.name for module in iter_modules(simulators.__path__) if module.ispkg)
    return sorted(name for name in found if find_spec(f"{simulators.__name__}.{name}.provider"))


def _simulator(name: str, *, limits: bool) -> Provider:
    """Made by `simulator(limits=...)` of the provider's module `provider`."""
    module = import_module(f"{simulators.__name__}.{name}.provider")
    return cast("Provider", module.simulator(limits=limits))
