"""A simulated company in process, as a connector's suite sees it: sign-in, reads and writes."""

import base64
import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from contracts.provider import OAuth, Provider
from contracts.values import EntityType
from libs.connector.errors import Unavailable
from libs.connector.interface import Answer, Record, Request
from libs.service.origins import Origins

ORIGIN = "http://127.0.0.1"
CALLBACK = "http://127.0.0.1/callback"
APP = ("sandbox", "sandbox-secret")
VERIFIER = "a-verifier-of-at-least-forty-three-characters-is-asked-for"
JSON = MappingProxyType({"Accept": "application/json", "Content-Type": "application/json"})


@dataclass(frozen=True, slots=True)
class SimulatedLedger:
    """One company behind a simulator; implements `interface.Session`."""

    facts: Provider
    http: httpx.AsyncClient
    base_url: str
    company: str
    identity: Mapping[str, str] = field(repr=False)

    async def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """See Session.get."""
        pairs = tuple((headers or {}).items())
        answer = await self.send(Request("GET", path, tuple((params or {}).items()), b"", pairs))
        if answer.status not in (200, 304, 404):
            raise Unavailable(f"{path} answered {answer.status}: {answer.body.decode()[:500]}")
        return answer

    async def send(self, request: Request, key: str = "") -> Answer:
        """The answer to a request, whatever it says."""
        header = self.facts.calls.idempotency_header
        keyed = {header: key} if header and key else {}
        answer = await self.http.request(
            request.method,
            self.base_url + request.path,
            params=list(request.params),
            content=request.body or None,
            headers={**JSON, **dict(request.headers), **keyed, **self.identity},
        )
        found = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status_code, found, answer.content)


@dataclass(slots=True)
class KnownIds:
    """References by what a suite has created; implements `interface.Ids`."""

    records: dict[tuple[EntityType, str], Record] = field(default_factory=dict)

    def external(self, kind: EntityType, local: str) -> str:
        """See Ids.external."""
        known = self.records.get((kind, local))
        return known.id if known else f"unknown-{local}"

    def number(self, kind: EntityType, local: str) -> str:
        """See Ids.number."""
        known = self.records.get((kind, local))
        return known.number if known else f"unknown-{local}"

    def local(self, kind: EntityType, external: str) -> str:
        """See Ids.local."""
        found = (
            k[1] for k, record in self.records.items() if (k[0], record.id) == (kind, external)
        )
        return next(found, f"unseen-{external}")

    def numbered(self, kind: EntityType, number: str) -> str | None:
        """See Ids.numbered."""
        found = (k[1] for k, r in self.records.items() if (k[0], r.number) == (kind, number))
        return next(found, None)


@asynccontextmanager
async def signed_in(facts: Provider, app: Any, origin: str) -> AsyncIterator[SimulatedLedger]:
    """The first company of a simulator, by the OAuth facts of the TOML."""
    origins = Origins({facts.id: origin})
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, timeout=30) as http:
        token = await _token(facts, http, origins)
        identity = {"Authorization": f"Bearer {token}"}
        company = await _company(facts, http, origins, identity)
        if facts.calls.company_header:
            identity[facts.calls.company_header] = company
        base = origins.replace(facts.id, facts.calls.base_url)
        yield SimulatedLedger(facts, http, base, company, identity)


async def _token(facts: Provider, http: httpx.AsyncClient, origins: Origins) -> str:
    oauth = facts.oauth
    assert oauth is not None, f"{facts.name} has no OAuth: give the suite a ledger of its own"
    asked = {
        "response_type": "code",
        "client_id": APP[0],
        "redirect_uri": CALLBACK,
        "scope": " ".join(oauth.scopes),
        "state": "suite",
        "auto": "1",
        **(_challenge() if oauth.pkce else {}),
    }
    page = await http.get(origins.replace(facts.id, oauth.authorize_url), params=asked)
    assert page.status_code in (302, 303), f"consent answered {page.status_code}: {page.text[:500]}"
    code = parse_qs(urlsplit(page.headers["location"]).query)["code"][0]
    sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    answer = await http.post(
        origins.replace(facts.id, oauth.token_url),
        data=sent | ({"code_verifier": VERIFIER} if oauth.pkce else {}) | _app(oauth),
        headers=_basic() if oauth.client_auth == "client_secret_basic" else {},
    )
    assert answer.status_code == 200, f"the token endpoint answered {answer.text[:500]}"
    token: str = answer.json()["access_token"]
    return token


def _app(oauth: OAuth) -> dict[str, str]:
    in_body = oauth.client_auth == "client_secret_post"
    return {"client_id": APP[0], "client_secret": APP[1]} if in_body else {}


def _basic() -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(':'.join(APP).encode()).decode()}"}


def _challenge() -> dict[str, str]:
    digest = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest())
    challenge = digest.decode().rstrip("=")
    return {"code_challenge": challenge, "code_challenge_method": "S256"}


async def _company(
    facts: Provider, http: httpx.AsyncClient, origins: Origins, identity: Mapping[str, str]
) -> str:
    listed = facts.companies
    assert listed is not None, f"{facts.name} names no list of companies"
    answer = await http.get(origins.replace(facts.id, listed.list_url), headers=dict(identity))
    assert answer.status_code == 200, f"the list of companies answered {answer.text[:500]}"
    return str(answer.json()[0][listed.id_field])
