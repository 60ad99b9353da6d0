"""MYOB sandboxes on free ports: one per module without limits, one with the vendor's own."""

from collections.abc import Iterator

import pytest

from tests.services.sandbox.myob.client import MyobClient, connect
from tests.services.sandbox.server import Sandbox, running


@pytest.fixture(scope="module")
def lenient() -> Iterator[Sandbox]:
    """One server for the module, limits off."""
    with running(limits=False, provider="myob") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def limited() -> Iterator[Sandbox]:
    """One server for the module, the vendor's limits on."""
    with running(limits=True, provider="myob") as sandbox:
        yield sandbox


@pytest.fixture
def myob(sandbox: Sandbox) -> Iterator[MyobClient]:
    """A client connected by OAuth to a company file made for this test."""
    with connect(sandbox) as client:
        yield client
