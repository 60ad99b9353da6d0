"""How a call travels by the facts of the TOML, and who says what its answer means."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from contracts.provider import Calls, Limits, Provider, Window
from libs.connector.connections import Account
from libs.connector.credentials import AccessToken, app_key
from libs.connector.errors import (
    Disconnected,
    RateLimited,
    Rejected,
    SyncError,
    Unavailable,
    Uncertain,
)
from libs.connector.figures import Figures
from libs.connector.interface import Answer, Request
from libs.connector.session import Judge, LedgerSession, Sessions, unbiased
from libs.service.origins import Origins

CALLS = Calls(
    base_url="https://api.brook.example/v3/company/{company}",
    app_key_header="x-key",
    headers={"x-version": "v3"},
    params={"minor": "75"},
    idempotency_param="requestid",
)
LIMITS = Limits(windows=(Window(name="second", calls=8, seconds=1, scope="app"),), concurrency=2)
FACTS = Provider(id="brook", name="Brook", limits=LIMITS, calls=CALLS, entities={})
SANDBOX = Origins({"brook": "http://127.0.0.1:9/brook"})
LATER = timedelta(seconds=2)


@dataclass
class Tokens:
    """Stands for auth: a new token each time one was refused."""

    given: int = 1

    async def token(self, _: str, *, refused: AccessToken | None = None) -> AccessToken:
        self.given += refused is not None
        ends = datetime(2100, 1, 1, tzinfo=UTC)
        return AccessToken(access_token=SecretStr(f"t{self.given}"), expires_at=ends, company="7")


@dataclass
class Quota:
    """Notes what the limiter is told."""

    told: list[tuple[timedelta, str]] = field(default_factory=list)

    async def take(self, _: str, path: str = "") -> None: ...

    async def refused(self, _: str, after: timedelta, problem: str) -> None:
        self.told.append((after, problem))


@dataclass
class Brook:
    """The vendor: answers in turn, the last again and again."""

    answers: Sequence[tuple[int, str]] = ((200, "{}"),)
    sent: list[httpx.Request] = field(default_factory=list)
    tokens: Tokens = field(default_factory=Tokens)
    quota: Quota = field(default_factory=Quota)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        status, text = self.answers[min(len(self.sent), len(self.answers) - 1)]
        self.sent.append(request)
        return httpx.Response(status, text=text)

    async def session(
        self, http: httpx.AsyncClient, facts: Provider = FACTS, judge: Judge = unbiased
    ) -> LedgerSession:
        sessions = Sessions(
            facts,
            SANDBOX,
            http,
            cast("Any", self.tokens),
            cast("Any", self.quota),
            Figures.create(CollectorRegistry()),
            judge,
        )
        account = SimpleNamespace(id="x1", company_id="7 /?")
        return await sessions.session(cast("Account", account))


@pytest.fixture
def brook() -> Brook:
    return Brook()


@pytest.fixture
async def http(brook: Brook) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(brook)) as client:
        yield client


def write(**headers: str) -> Request:
    return Request("POST", "/invoice", (("operation", "void"),), b"{}", tuple(headers.items()))


def judged(verdicts: Mapping[str, SyncError]) -> Judge:
    """Judges by the body alone."""
    return lambda answer: verdicts.get(answer.body.decode())


async def test_the_company_stands_in_the_url_and_the_key_in_the_query(
    brook: Brook, http: httpx.AsyncClient
) -> None:
    session = await brook.session(http)
    await session.send(write(), "k1", monotonic() + 60)
    [sent] = brook.sent
    assert sent.url.raw_path.startswith(b"/brook/v3/company/7%20%2F%3F/invoice?")
    assert sorted(sent.url.params.multi_items()) == [
        ("minor", "75"),
        ("operation", "void"),
        ("requestid", "k1"),
    ]
    carried = [sent.headers[name] for name in ("x-key", "x-version", "authorization")]
    assert carried == ["sandbox", "v3", "Bearer t1"]


async def test_a_read_has_no_key_and_a_call_may_say_otherwise(
    brook: Brook, http: httpx.AsyncClient
) -> None:
    session = await brook.session(http)
    await session.get("/query", {"minor": "80"}, {"x-version": "v4"})
    [sent] = brook.sent
    assert sent.url.params.multi_items() == [("minor", "80")]
    assert sent.headers["x-version"] == "v4"


async def test_the_app_key_is_asked_for_where_there_is_no_sandbox() -> None:
    nowhere = Origins({})
    assert app_key("brook", nowhere, {"BROOK_CLIENT_ID": "ours"}) == "ours"
    assert app_key("brook", SANDBOX, {}) == "sandbox"
    with pytest.raises(Unavailable, match="BROOK_CLIENT_ID is not set"):
        app_key("brook", nowhere, {"BROOK_CLIENT_ID": ""})


async def test_who_wants_no_app_key_needs_none(brook: Brook, http: httpx.AsyncClient) -> None:
    calls = CALLS.model_copy(update={"app_key_header": None})
    session = await brook.session(http, FACTS.model_copy(update={"calls": calls}))
    await session.get("/query")
    assert "x-key" not in brook.sent[0].headers


async def test_the_connector_is_asked_before_the_status_is_believed(
    brook: Brook, http: httpx.AsyncClient
) -> None:
    brook.answers = [(403, "busy")]
    session = await brook.session(http, judge=judged({"busy": RateLimited("Wait.", LATER)}))
    for call in (session.get("/query"), session.send(write(), "k1", monotonic() + 60)):
        with pytest.raises(RateLimited):
            await call
    # All that share the limit are held, not this connection alone.
    assert brook.quota.told == [(LATER, "")] * 2


async def test_what_the_connector_does_not_know_is_what_its_status_says(
    brook: Brook, http: httpx.AsyncClient
) -> None:
    session = await brook.session(http, judge=judged({}))
    for status, error in ((403, Disconnected), (429, RateLimited), (500, Uncertain)):
        brook.sent.clear()
        brook.answers = [(status, "?")]
        with pytest.raises(error):
            await session.send(write(), "k1", monotonic() + 60)
    brook.answers = [(400, "?")]
    answer = await session.send(write(), "k1", monotonic() + 60)
    assert answer == Answer(400, dict(answer.headers), b"?")


async def test_a_good_answer_is_not_judged(brook: Brook, http: httpx.AsyncClient) -> None:
    session = await brook.session(http, judge=judged({"{}": Rejected("No.")}))
    assert (await session.get("/query")).status == 200


@pytest.mark.parametrize("verdict", [None, Disconnected("Gone.")])
async def test_a_401_is_met_by_a_new_token_once(
    brook: Brook, http: httpx.AsyncClient, verdict: SyncError | None
) -> None:
    session = await brook.session(http, judge=judged({"no": verdict} if verdict else {}))
    brook.answers = [(401, "no"), (200, "{}")]
    assert (await session.get("/query")).status == 200
    brook.sent.clear()
    brook.answers = [(401, "no")]
    with pytest.raises(Disconnected):
        await session.get("/query")
    assert [sent.headers["authorization"] for sent in brook.sent] == ["Bearer t2", "Bearer t3"]


async def test_a_401_that_is_not_about_the_token_costs_none(
    brook: Brook, http: httpx.AsyncClient
) -> None:
    session = await brook.session(http, judge=judged({"down": Unavailable("Maintenance.")}))
    brook.answers = [(401, "down")]
    with pytest.raises(Unavailable, match="Maintenance"):
        await session.get("/query")
    assert brook.tokens.given == 1
    assert len(brook.sent) == 1
