"""Sandboxes on free ports: one per module without limits, one with the vendor's own limits."""

from collections.abc import Iterator

import pytest

from tests.services.sandbox.server import Sandbox, running
from tests.services.sandbox.xero.client import XeroClient, connect
from tests.services.sandbox.xero.receiver import Receiver, receiving


@pytest.fixture(scope="module")
def lenient() -> Iterator[Sandbox]:
    """One server for the module, limits off."""
    with running(limits=False) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def limited() -> Iterator[Sandbox]:
    """One server for the module, the vendor's limits on."""
    with running(limits=True) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(lenient: Sandbox) -> Iterator[Sandbox]:
    """The module's sandbox without limits, calm again after the test."""
    yield lenient
    lenient.calm()


@pytest.fixture
def strict(limited: Sandbox) -> Iterator[Sandbox]:
    """The module's sandbox with limits, calm again after the test."""
    yield limited
    limited.calm()


@pytest.fixture
def xero(sandbox: Sandbox) -> Iterator[XeroClient]:
    """A client connected by OAuth to a company made for this test."""
    with connect(sandbox) as client:
        yield client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook endpoint that follows the vendor's rules until told otherwise."""
    with receiving() as endpoint:
        yield endpoint
