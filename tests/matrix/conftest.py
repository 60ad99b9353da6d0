"""One stack with every provider's connector; each cell has a tenant and a company of its own."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from services.ops.processes import LocalStack
from tests.flows.stack import new_world, running
from tests.flows.world import World
from tests.matrix.cells import PROVIDERS, Report
from tests.matrix.desk import Desk
from tests.matrix.ledger import Ledger
from tests.matrix.ledgers.myob import Myob
from tests.matrix.ledgers.quickbooks_online import QuickBooksOnline
from tests.matrix.ledgers.xero import Xero

LEDGERS: Mapping[str, Callable[[World], Ledger]] = MappingProxyType(
    {"xero": Xero, "quickbooks_online": QuickBooksOnline, "myob": Myob}
)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Report())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A row runs once for every provider."""
    if metafunc.definition.get_closest_marker("row"):
        metafunc.parametrize("provider", [p for p in PROVIDERS if p in LEDGERS])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        mark = item.get_closest_marker("row")
        if mark is None:
            continue
        provider: str = item.callspec.params["provider"]  # type: ignore[attr-defined]
        reason = mark.kwargs["not_offered"].get(provider, "")
        number = str(mark.kwargs["feature"].value)
        item.add_marker("matrix")
        cell = {"row": number, "provider": provider, "reason": reason}
        item.user_properties.append(("cell", cell))


def _providers(items: list[pytest.Item]) -> list[str]:
    """Those whose cells were chosen."""
    chosen = {item.callspec.params.get("provider") for item in items if hasattr(item, "callspec")}
    return [provider for provider in LEDGERS if provider in chosen]


@pytest.fixture(scope="session")
def matrix_stack(
    request: pytest.FixtureRequest,
    kafka_url: str,
    postgres_server: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[LocalStack]:
    """Sandbox, auth, gateway, reference product and the connectors of the providers that run."""
    folder = tmp_path_factory.mktemp("matrix")
    providers = _providers(request.session.items)
    with running(folder, kafka_url, postgres_server, providers) as stack:
        yield stack


@pytest.fixture
async def unconnected(matrix_stack: LocalStack, provider: str) -> AsyncIterator[Desk]:
    """A tenant, and a company that it is not connected to yet."""
    async with new_world(matrix_stack, provider) as world:
        ledger = LEDGERS[provider](world)
        world.company = await world.new_company(country=ledger.country, currency=ledger.currency)
        yield Desk(world, ledger, await ledger.books())


@pytest.fixture
async def desk(unconnected: Desk) -> Desk:
    """A tenant whose company is connected, with the mappings that need a person."""
    await connect(unconnected)
    return unconnected


async def connect(desk: Desk, **link: Any) -> None:
    """Connect the desk's company, and map what needs a person."""
    await desk.world.connect(desk.world.company, **link)
    for name, external in desk.ledger.untaxed.items():
        kind, _, word = name.partition("/")
        await desk.world.map(kind, word, external)
