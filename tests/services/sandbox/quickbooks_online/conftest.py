"""The module's sandboxes as QuickBooks sees them, and clients of companies of their own."""

from collections.abc import Iterator

import pytest
from quickbooks import QuickBooks

from tests.services.sandbox.quickbooks_online.client import Qbo, connect
from tests.services.sandbox.quickbooks_online.receiver import Receiver, receiving
from tests.services.sandbox.quickbooks_online.sdk import Sdk
from tests.services.sandbox.server import Sandbox, running


@pytest.fixture(scope="module")
def lenient() -> Iterator[Sandbox]:
    """One server for the module, limits off."""
    with running(limits=False, provider="quickbooks_online") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def limited() -> Iterator[Sandbox]:
    """One server for the module, the vendor's limits on."""
    with running(limits=True, provider="quickbooks_online") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(lenient: Sandbox) -> Iterator[Sandbox]:
    """Without limits, calm again after the test."""
    yield lenient
    lenient.calm()


@pytest.fixture
def strict(limited: Sandbox) -> Iterator[Sandbox]:
    """With the vendor's limits, calm again after the test."""
    yield limited
    limited.calm()


@pytest.fixture
def qbo(sandbox: Sandbox) -> Qbo:
    """A US company with non-automated tax."""
    return connect(sandbox)


@pytest.fixture
def ast(sandbox: Sandbox) -> Qbo:
    """A US company with automated sales tax."""
    return connect(sandbox, ast=True)


@pytest.fixture
def canada(sandbox: Sandbox) -> Qbo:
    """A Canadian company with multicurrency."""
    return connect(sandbox, country="CA")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook endpoint."""
    with receiving() as endpoint:
        yield endpoint


@pytest.fixture
def sdk(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sdk]:
    """The clients pointed at the sandbox."""
    # oauthlib's own switch for plain HTTP on loopback.
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setattr(QuickBooks, "api_url_v3", f"{sandbox.root}/v3")
    made = Sdk(sandbox)
    yield made
    made.close()
