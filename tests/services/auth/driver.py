"""Drives a running auth service and the sandbox beside it, as browsers and connectors do."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin
from uuid import uuid4

import asyncpg
import httpx
from pydantic import SecretStr

from contracts.messages import Connection
from contracts.topics import CONNECTIONS
from libs.messaging.cloudevents import Envelope
from libs.messaging.logs import LogReader
from libs.messaging.topics import Names
from libs.service.links import ConnectLink, sign_link
from libs.service.tokens import TokenSigner, parse_service_key
from libs.testing.stack import RunningService

Json = dict[str, Any]
PROVIDER = "xero"
LINK_KEY = "a link key that is long enough for the test"


class Form(HTMLParser):
    """The first form of a page: its action and every button's and input's value."""

    def __init__(self, page: httpx.Response) -> None:
        super().__init__()
        self.action = ""
        self.hidden: dict[str, str] = {}
        self.choices: dict[str, list[str]] = {}
        self.feed(page.text)
        self.action = urljoin(str(page.url), self.action)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = found["action"]
        elif found.get("type") == "hidden":
            self.hidden[found["name"]] = found["value"]
        elif tag in ("input", "button") and "name" in found:
            self.choices.setdefault(found["name"], []).append(found["value"])


@dataclass
class Browser:
    """A person's browser: follows redirects, keeps cookies."""

    http: httpx.AsyncClient

    async def consent(self, url: str, company: str, decision: str = "allow") -> httpx.Response:
        """Open a link, choose a company on the provider's page, and go wherever that leads."""
        return await self.http.get(await self.answer(url, company, decision))

    async def answer(self, url: str, company: str, decision: str = "allow") -> str:
        """The same up to where the provider sends the browser back to; not yet gone there."""
        page = await self.http.get(url)
        assert page.status_code == 200, page.text
        form = Form(page)
        assert company in form.choices["company"], page.text
        chosen = {"company": company, "decision": decision}
        sent = await self.http.post(form.action, data=form.hidden | chosen, follow_redirects=False)
        assert sent.is_redirect, sent.text
        return sent.headers["location"]


@dataclass
class Vendor:
    """The sandbox's control API."""

    origin: str
    http: httpx.AsyncClient

    async def control(self, method: str, path: str, body: Json | None = None) -> Any:
        answer = await self.http.request(
            method, f"{self.origin}/_control/{PROVIDER}{path}", json=body
        )
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def company(self, name: str) -> Json:
        """A company that exists for one test."""
        wanted = {"name": f"{name} {uuid4().hex[:8]}", "currency": "NZD", "country": "NZ"}
        made: Json = await self.control("POST", "/companies", wanted)
        return made

    async def advance(self, seconds: int) -> None:
        await self.control("POST", "/clock", {"advance_seconds": seconds})

    async def fault(self, fault: str, **more: Any) -> None:
        await self.control("POST", "/faults", {"fault": fault} | more)

    async def requests(self, ending: str) -> list[Json]:
        """The requests whose path ends so."""
        found: list[Json] = await self.control("GET", "/requests")
        return [row for row in found if row["path"].lower().endswith(ending.lower())]

    async def forget(self) -> None:
        await self.control("DELETE", "/requests")

    async def sign_in(self) -> Json:
        """A token of the sandbox's user for the app, past auth: every company is allowed."""
        redirect = "http://127.0.0.1:9/callback"
        query = {
            "response_type": "code",
            "client_id": "sandbox",
            "redirect_uri": redirect,
            "scope": "openid offline_access accounting.settings",
            "state": "x",
            "auto": "1",
        }
        url = f"{self.origin}/{PROVIDER}/identity/connect/authorize"
        answer = await self.http.get(url, params=query)
        code = httpx.URL(answer.headers["location"]).params["code"]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect}
        return await self._form("token", form)

    async def refresh(self, refresh_token: str) -> Json:
        """Refresh past auth."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return await self._form("token", form)

    async def revoke_all(self) -> None:
        """As a user who removes the app: every connection and every token is gone."""
        token = await self.sign_in()
        await self._form("revocation", {"token": token["refresh_token"]})

    async def listed(self, token: str) -> list[Json]:
        """The companies a token reaches."""
        url = f"{self.origin}/{PROVIDER}/connections"
        answer = await self.http.get(url, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()
        return found

    async def remove(self, token: str, company: str) -> None:
        """Remove one company's connection there, past auth."""
        [link] = [c["id"] for c in await self.listed(token) if c["tenantId"] == company]
        url = f"{self.origin}/{PROVIDER}/connections/{link}"
        answer = await self.http.delete(url, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 204, answer.text

    async def _form(self, endpoint: str, form: dict[str, str]) -> Json:
        url = f"{self.origin}/{PROVIDER}/connect/{endpoint}"
        answer = await self.http.post(url, data=form, auth=("sandbox", "sandbox-secret"))
        assert answer.status_code == 200, answer.text
        body: Json = answer.json() if answer.content else {}
        return body


@dataclass
class Auth:
    """A running auth service with its database and its topic."""

    url: str
    http: httpx.AsyncClient
    environment: Mapping[str, str] = field(repr=False)
    service_key: str = field(repr=False)
    process: RunningService | None = None

    @property
    def service(self) -> RunningService:
        """The process, where it has one of its own."""
        assert self.process is not None
        return self.process

    @property
    def database_url(self) -> str:
        return self.environment["POSTGRES_URL"]

    @property
    def vault_keys(self) -> str:
        return self.environment["VAULT_KEYS"]

    def link(self, tenant: str = "t1", *, auto: bool = False, **claims: Any) -> str:
        """A link to connect."""
        token = sign_link(SecretStr(LINK_KEY), ConnectLink(tenant=tenant, **claims))
        return f"{self.url}/connect/{PROVIDER}?link={token}" + ("&auto=1" if auto else "")

    async def token(
        self, connection: str, *, stale: str | None = None, provider: str | None = PROVIDER
    ) -> httpx.Response:
        """Ask for an access token as a connector of `provider` does."""
        query = {} if stale is None else {"stale": stale}
        return await self.http.post(
            f"{self.url}/internal/token",
            json={"connection": connection},
            params=query,
            headers=self.signed(provider),
        )

    async def good_token(self, connection: str, *, stale: str | None = None) -> str:
        """An access token."""
        answer = await self.token(connection, stale=stale)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    async def call(
        self, method: str, path: str, body: Json | None = None, *, provider: str | None = None
    ) -> httpx.Response:
        """Call the internal API as ops, or as a provider's connector, does."""
        return await self.http.request(
            method, f"{self.url}/internal{path}", json=body, headers=self.signed(provider)
        )

    async def connections(self, tenant: str = "t1") -> list[Json]:
        answer = await self.call("GET", f"/connections?tenant={tenant}")
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()
        return found

    async def disconnect(self, connection: str) -> Json:
        answer = await self.call("POST", f"/connections/{connection}/disconnect")
        assert answer.status_code == 200, answer.text
        done: Json = answer.json()
        return done

    def signed(self, provider: str | None) -> dict[str, str]:
        name = f"connectors.{provider}" if provider else "ops"
        return TokenSigner(name, parse_service_key(self.service_key), provider).headers("auth")

    async def sql(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        """Look into auth's schema as its administrator."""
        db = await asyncpg.connect(self.database_url, server_settings={"search_path": "auth"})
        try:
            return list(await db.fetch(statement, *values))
        finally:
            await db.close()

    async def expire(self) -> None:
        """Let every access token end now, as auth sees it."""
        await self.sql("update provider_grant set expires_at = now()")

    async def published(self) -> list[tuple[Envelope, Connection]]:
        """Everything on the connections topic, in order."""
        found: list[tuple[Envelope, Connection]] = []

        async def keep(records: Any) -> None:
            for record in records:
                message = Connection.model_validate_json(record.value)
                assert record.key.decode() == message.id
                found.append((Envelope.of(record.headers), message))

        names = Names(self.environment["TOPIC_PREFIX"])
        reader = LogReader(self.environment["KAFKA_URL"], names)
        with suppress(LookupError):  # the service has not created the topic yet
            await reader.read(CONNECTIONS.name, await reader.bounds(CONNECTIONS.name), keep)
        return found


def connection_of(page: httpx.Response) -> str:
    """The connection's id on a confirmation page."""
    assert page.status_code == 200, page.text
    found = re.search(r'id="connection">([0-9a-f-]{36})<', page.text)
    assert found, page.text
    return found[1]


def reason_of(page: httpx.Response) -> str:
    """The word of an error page, which has a reference and a next step, too."""
    found = re.search(r'data-reason="([\w-]+)"', page.text)
    assert found, page.text
    assert page.headers["x-request-id"] in page.text
    assert "What to do:" in page.text
    return found[1]


def starts_at(page: httpx.Response) -> datetime:
    """The start on a confirmation page."""
    found = re.search(r'<time datetime="([^"]+)"', page.text)
    assert found, page.text
    return datetime.fromisoformat(found[1])


async def eventually(condition: Callable[[], Awaitable[Any]], seconds: float = 20) -> Any:
    """What `condition` returns as soon as it is true; fails after a bound."""
    async with asyncio.timeout(seconds):
        while True:
            if found := await condition():
                return found
            await asyncio.sleep(0.05)
