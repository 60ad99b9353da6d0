"""The story from the first process to the last figure."""

import asyncio
import shlex
import sys
import time
import webbrowser
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from contracts.messages import Connection
from libs.messaging.topics import Names
from libs.service.links import ConnectLink
from services.ops.demo import again, bookkeeping, day, one_invoice, reconciling, trouble
from services.ops.demo.ledger import Documents, Ledger
from services.ops.demo.listening import Listener
from services.ops.demo.planting import Plant, plant_cent
from services.ops.demo.product import Product
from services.ops.demo.scene import PROVIDER, Outcome, Scene
from services.ops.demo.screen import Screen
from services.ops.demo.sums import KEPT
from services.ops.demo.waiting import until
from services.ops.local import OperatorSettings
from services.ops.processes import LocalStack
from services.ops.remote import Auth
from services.ops.visiting import visit

TENANT = "demo"
COMPANY = "Online Retail Ltd"
SETTLES_WITHIN = 2.0
"""Seconds an unknown outcome rests; the real Xero's would make a demo of waiting."""
CALL_TIMEOUT = 3.0
SHORTENED = {"SETTLES_WITHIN": str(SETTLES_WITHIN), "CALL_TIMEOUT": str(CALL_TIMEOUT)}
PATIENCE = 60.0
PERSON = 600.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the demo; `began` is monotonic."""

    folder: Path
    file: Path
    limit: int | None
    browser: bool
    plant: Plant | None
    began: float


async def tell_story(wanted: Wanted, stack: LocalStack, screen: Screen, outcome: Outcome) -> Scene:
    """All of it on a stack that runs; raises DevstackError where it cannot go on."""
    async with _connected(wanted, stack, screen, outcome) as (scene, before):
        made_at = datetime.now(UTC)
        product, tenant = scene.settings.product_url, scene.connection.tenant
        events = day.read_day(wanted.file, tenant, product, made_at, wanted.limit)
        drop = wanted.plant is Plant.DROP
        await day.show_day(scene, events, wanted.began, drop=drop)
        shown = await one_invoice.show_invoice(scene, events)
        await bookkeeping.show_bookkeeper(scene, shown)
        await trouble.show_trouble(scene, events, SETTLES_WITHIN)
        await again.show_again(scene, events, drop=drop)
        await again.show_usage(scene)
        if wanted.plant is Plant.CENT:
            await plant_cent(scene.ledger, await _named(scene.ledger, shown))
        await reconciling.show_reconciliation(scene, before)
        return scene


@asynccontextmanager
async def _connected(
    wanted: Wanted, stack: LocalStack, screen: Screen, outcome: Outcome
) -> AsyncIterator[tuple[Scene, set[str]]]:
    """The tenant connected, every topic listened to, and the ids the ledger had before."""
    settings = _settings(stack)
    async with AsyncExitStack() as cleanup:
        http = await cleanup.enter_async_context(httpx.AsyncClient(timeout=60, trust_env=False))
        company = {"name": COMPANY, "currency": "GBP", "country": "GB"}
        ledger = await Ledger.made(http, stack.url("sandbox"), company)
        before = _ids(await ledger.documents())
        auth = Auth(settings)
        tenant = _free_tenant(auth)
        connection = await _connect(auth, tenant, ledger, screen, wanted)
        listener = Listener(settings.kafka_url, Names(settings.topic_prefix), tenant)
        await cleanup.enter_async_context(listener.listening())
        product = Product(http, settings.product_url, tenant)
        scene = Scene(settings, screen, ledger, product, listener, connection, outcome)
        words = "by OAuth 2 at the simulated Xero, whose limits are the real ones"
        screen.good(f"{connection.company_name} is connected {words}.")
        await until(lambda: _knows(scene), "the connector has read the company", PATIENCE)
        yield scene, before


def _settings(stack: LocalStack) -> OperatorSettings:
    connectors = {PROVIDER: stack.url(f"connectors.{PROVIDER}")}
    named: dict[str, Any] = {k.lower(): value for k, value in stack.environment().items()}
    return OperatorSettings(**named, connectors=connectors)


def _free_tenant(auth: Auth) -> str:
    """Nobody's before: on servers of its user an earlier demo may have left its own."""
    names = (TENANT if n == 1 else f"{TENANT}-{n}" for n in range(1, 1000))
    return next(name for name in names if not auth.connections(name))


async def _connect(
    auth: Auth, tenant: str, ledger: Ledger, screen: Screen, wanted: Wanted
) -> Connection:
    link = ConnectLink(tenant=tenant, company=ledger.company)
    url = auth.link(PROVIDER, link, auto=not wanted.browser)

    async def is_open() -> bool:
        return bool(await asyncio.to_thread(auth.connections, tenant))

    if wanted.browser:
        screen.copy(f"Allow the access in your browser, for {COMPANY}:", url)
        webbrowser.open(url)
        with screen.busy("waiting for you"):
            await until(is_open, f"somebody connects {COMPANY}", PERSON)
    else:
        await asyncio.to_thread(visit, url)
        await until(is_open, f"{COMPANY} is connected", PATIENCE)
    return auth.connections(tenant)[0]


async def _knows(scene: Scene) -> bool:
    try:
        return bool((await scene.status())["described"])
    except LookupError:
        return False


async def _named(ledger: Ledger, number: str) -> dict[str, object]:
    documents = await ledger.documents()
    return next(one for one in documents["Invoices"] if one["InvoiceNumber"] == number)


def _ids(documents: Documents) -> set[str]:
    return {one[kept.id] for kept in KEPT.values() for one in documents.get(kept.resource, ())}


def addresses(scene: Scene, stack: LocalStack, folder: Path, sample: Path) -> dict[str, str]:
    """What `--keep` leaves to a person: pages, and two things to try."""
    program, where = _near(Path(sys.argv[0])), f"--folder {_near(folder)}"
    tenant = scene.connection.tenant
    action = '{"do": "add", "resource": "Contacts", "record": {"Name": "A customer of yours"}}'
    return {
        "books": scene.ledger.page,
        "product": f"{stack.url('reference_product')}/docs",
        "publish": f"{program} publish {_near(sample)} --tenant {tenant} {where}",
        "bookkeeper": f"curl -s {scene.ledger.page}/bookkeeper "
        f"-H 'content-type: application/json' -d '{action}'",
        "status": f"{program} status --tenant {tenant} {where}",
        "stop": f"{program} down {where}",
    }


def _near(path: Path) -> str:
    """As it is typed here."""
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))


def seconds(began: float) -> float:
    """Since then, to a tenth."""
    return round(time.monotonic() - began, 1)
