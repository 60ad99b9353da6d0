"""Every row of the dossier's section 10: what Xero answers, and what we do about it."""

import json
from asyncio import Semaphore
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from prometheus_client import CollectorRegistry

from contracts.provider import provider
from libs.connector.connections import Account
from libs.connector.credentials import AccessToken
from libs.connector.errors import Held, RateLimited, Rejected, SyncError
from libs.connector.figures import Figures
from libs.connector.interface import Answer, Record, Result, Verb, Write
from libs.connector.session import LedgerSession
from libs.testing import builders
from tests.services.connectors.xero import around
from tests.services.connectors.xero.around import XERO, create, invoice, update, write

ROWS = json.loads((Path(__file__).parent / "golden" / "errors.json").read_text())
PAID = builders.payment(invoice(), currency="NZD")
WRITES = {
    "invoice": create(invoice()),
    "update": update(invoice(), "job"),
    "void": write(Verb.VOID, invoice(), before={"status": "approved"}),
    "contact": create(builders.contact()),
    "item": create(builders.item()),
    "payment": create(PAID),
    "payment delete": write(Verb.DELETE, PAID),
}


@dataclass(slots=True)
class Quota:
    """Takes note of what the vendor said about its limits."""

    told: list[tuple[timedelta, str]] = field(default_factory=list)

    async def take(self, connection: str) -> None:
        del connection

    async def refused(self, connection: str, after: timedelta, problem: str) -> None:
        del connection
        self.told.append((after, problem))


@dataclass(slots=True)
class Tokens:
    """Hands out tokens and counts how often one was refused."""

    refused: int = 0

    async def token(self, connection: str, *, refused: AccessToken | None = None) -> AccessToken:
        del connection
        self.refused += refused is not None
        return AccessToken.model_validate(
            {
                "access_token": f"t{self.refused}",
                "expires_at": datetime(2999, 1, 1, tzinfo=UTC),
                "company": around.company().id,
            }
        )


@dataclass(frozen=True, slots=True)
class Vendor:
    """A session whose far end always gives one row's answer."""

    row: dict[str, Any]
    quota: Quota = field(default_factory=Quota)
    tokens: Tokens = field(default_factory=Tokens)

    async def results(self, writes: Sequence[Write]) -> Sequence[Result]:
        context = around.context()
        async with httpx.AsyncClient(transport=httpx.MockTransport(self._answer)) as http:
            request = XERO.request(writes, context)
            answer = await self._session(http).send(request, "k1", monotonic() + 60)
        return XERO.results(writes, answer, context)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["xero-tenant-id"] == around.company().id
        assert request.headers["accept"] == "application/json"
        assert request.headers["idempotency-key"] == "k1"
        text = self.row.get("text", json.dumps(self.row.get("body")))
        return httpx.Response(self.row["status"], headers=self.row.get("headers"), text=text)

    def _session(self, http: httpx.AsyncClient) -> LedgerSession:
        facts = provider("xero")
        account = cast("Account", SimpleNamespace(id="connection-1"))
        return LedgerSession(
            account,
            facts,
            facts.calls.base_url,
            http,
            cast("Any", self.tokens),
            cast("Any", self.quota),
            Semaphore(1),
            Figures.create(CollectorRegistry()),
        )


async def outcome(vendor: Vendor, *writes: Write) -> Result:
    try:
        return (await vendor.results(writes))[0]
    except SyncError as error:
        return error


@pytest.mark.parametrize("row", ROWS, ids=[row["row"] for row in ROWS])
async def test_a_row_of_section_10(row: dict[str, Any]) -> None:
    vendor = Vendor(row)
    found = await outcome(vendor, WRITES[row["write"]])
    if row["error"] is None:
        assert isinstance(found, Record)
        assert found.state == row["reason"]
        return
    assert isinstance(found, SyncError)
    assert (type(found).__name__, found.reason) == (row["error"], row["reason"])
    assert vendor.tokens.refused == int(row.get("refreshed", False))
    if isinstance(found, RateLimited):
        assert found.after.total_seconds() == row["after"]
        assert [problem.casefold() for _, problem in vendor.quota.told] == [
            row["headers"]["X-Rate-Limit-Problem"].casefold()
        ]


@pytest.mark.parametrize(
    "row", [r for r in ROWS if r["error"] == "Held"], ids=lambda row: str(row["row"])
)
async def test_what_waits_for_a_person_says_what_to_do(row: dict[str, Any]) -> None:
    found = await outcome(Vendor(row), WRITES[row["write"]])
    assert isinstance(found, Held)
    messages = json.dumps(row.get("body") or "")
    assert found.action
    assert WRITES[row["write"]].id in found.sentence
    assert found.sentence.rpartition(": ")[2].split(" ")[0] in messages + "status"


async def test_a_bulk_call_refused_as_a_whole_is_rejected_so_that_it_is_halved() -> None:
    row = next(row for row in ROWS if row["row"] == "not found")
    found = await outcome(Vendor(row), WRITES["update"], WRITES["update"])
    assert isinstance(found, Rejected)


async def test_one_refused_element_leaves_the_others_stored() -> None:
    stored = {
        "InvoiceID": "2693e40e",
        "InvoiceNumber": "INV-i1",
        "Status": "AUTHORISED",
        "StatusAttributeString": "WARNING",
        "Warnings": [{"Message": "Account code has been changed"}],
        "ValidationErrors": [{"Message": "shown beside a stored one"}],
    }
    refused = {
        "StatusAttributeString": "ERROR",
        "ValidationErrors": [{"Message": "Invoice # must be unique."}],
    }
    row = {"status": 200, "body": {"Invoices": [stored, refused]}}
    first, second = await Vendor(row).results([WRITES["invoice"], WRITES["invoice"]])
    assert isinstance(first, Record)
    assert first.id == "2693e40e"
    assert isinstance(second, Held)


def test_a_deleted_item_is_answered_with_nothing() -> None:
    removal = write(Verb.DELETE, builders.item())
    (result,) = XERO.results([removal], Answer(204, {}, b""), around.context())
    assert around.good(result).state == "deleted"
