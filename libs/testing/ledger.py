"""A simulated company in process, as a connector's suite sees it: sign-in, reads and writes."""

import base64
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from contracts.entities import Entity, Line
from contracts.provider import Provider
from contracts.signin import OAuth
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
        calls = self.facts.calls
        header, param = calls.idempotency_header, calls.idempotency_param
        keyed = {header: key} if header and key else {}
        params = {**calls.params, **({param: key} if param and key else {})}
        named = {name for name, _ in request.params}
        answer = await self.http.request(
            request.method,
            self.base_url + request.path,
            params=(*request.params, *(pair for pair in params.items() if pair[0] not in named)),
            content=request.body or None,
            headers={**JSON, **calls.every(APP[0]), **dict(request.headers), **keyed}
            | dict(self.identity),
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

    def sides(self, kind: EntityType, local: str) -> tuple[str, ...]:
        """See Ids.sides."""
        known = self.records.get((kind, local))
        return tuple(part.id for part in known.parts) if known else ()

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

    def shown(self, kind: EntityType, local: str) -> Entity | None:
        """See Ids.shown; a suite writes each record for itself."""
        del kind, local
        return None

    def delivered(self, order: str, besides: str) -> Sequence[Line]:
        """See Ids.delivered."""
        del order, besides
        return ()


@asynccontextmanager
async def signed_in(facts: Provider, app: Any, origin: str) -> AsyncIterator[SimulatedLedger]:
    """The first company of a simulator, by the OAuth facts of the TOML."""
    origins = Origins({facts.id: origin})
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, timeout=30) as http:
        redirect = await _consent(facts, http, origins)
        token = await _token(facts, http, origins, redirect["code"])
        identity = {"Authorization": f"Bearer {token}"}
        company = await _company(facts, http, origins, redirect, identity)
        if facts.calls.company_header:
            identity[facts.calls.company_header] = company
        base = origins.replace(facts.id, facts.calls.url(company))
        yield SimulatedLedger(facts, http, base, company, identity)


async def _consent(facts: Provider, http: httpx.AsyncClient, origins: Origins) -> Mapping[str, str]:
    oauth = facts.oauth
    assert oauth is not None, f"{facts.name} has no OAuth: give the suite a ledger of its own"
    asked = {
        "response_type": "code",
        "client_id": APP[0],
        "redirect_uri": CALLBACK,
        "scope": " ".join(oauth.scopes),
        "state": "suite",
        "auto": "1",
        **oauth.authorize_params,
        **(_challenge() if oauth.pkce else {}),
    }
    page = await http.get(origins.replace(facts.id, oauth.authorize_url), params=asked)
    assert page.status_code in (302, 303), f"consent answered {page.status_code}: {page.text[:500]}"
    return dict(parse_qsl(urlsplit(page.headers["location"]).query))


async def _token(facts: Provider, http: httpx.AsyncClient, origins: Origins, code: str) -> str:
    oauth = facts.oauth
    assert oauth is not None
    sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    asked = {"scope": " ".join(oauth.scopes), **oauth.authorize_params}
    repeated = {name: asked[name] for name in oauth.token_params}
    basic = _basic() if oauth.client_auth == "client_secret_basic" else {}
    answer = await http.post(
        origins.replace(facts.id, oauth.token_url),
        data=sent | repeated | ({"code_verifier": VERIFIER} if oauth.pkce else {}) | _app(oauth),
        headers={**oauth.token_headers, **basic},
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
    facts: Provider,
    http: httpx.AsyncClient,
    origins: Origins,
    redirect: Mapping[str, str],
    identity: Mapping[str, str],
) -> str:
    listed = facts.companies
    assert listed is not None, f"{facts.name} names no companies"
    if listed.list_url is None:
        return redirect[listed.id_param or ""]
    answer = await http.get(origins.replace(facts.id, listed.list_url), headers=dict(identity))
    assert answer.status_code == 200, f"the list of companies answered {answer.text[:500]}"
    return str(answer.json()[0][listed.id_field])
