"""The services the operator's commands call, with signed service tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from contracts.messages import Connection
from libs.devstack.process import DevstackError
from libs.service.links import ConnectLink, sign_link
from libs.service.ports import CONNECTOR, default_port
from libs.service.tokens import TokenSigner
from services.ops.local import OperatorSettings

CALLER = "ops"
LIMIT = 30.0


@dataclass(frozen=True, slots=True)
class Auth:
    """Auth's internal API; every call raises DevstackError with a sentence."""

    settings: OperatorSettings

    def link(self, provider: str, link: ConnectLink, *, auto: bool = False) -> str:
        """Where a person's browser begins to connect a company; good for 15 minutes."""
        if self.settings.link_key is None:
            raise DevstackError("LINK_KEY is not set: it signs the links to connect a company.")
        query = {"link": sign_link(self.settings.link_key, link)} | ({"auto": "1"} if auto else {})
        return f"{self.settings.auth_url}/connect/{provider}?{urlencode(query)}"

    def connections(self, tenant: str) -> list[Connection]:
        """A tenant's connections, closed ones too."""
        found = self._call("GET", "/internal/connections", params={"tenant": tenant})
        return [Connection.model_validate(one) for one in found]

    def disconnect(self, connection: str) -> dict[str, Any]:
        """Close a connection; may be repeated."""
        return dict(self._call("POST", f"/internal/connections/{connection}/disconnect"))

    def _call(self, method: str, path: str, **more: Any) -> Any:
        return call(self.settings, method, self.settings.auth_url + path, "auth", **more)


def connector_status(settings: OperatorSettings, provider: str, tenant: str) -> list[Any]:
    """What a connector says of a tenant's connections; raises DevstackError."""
    usual = f"http://127.0.0.1:{default_port(CONNECTOR + provider)}"
    base = settings.connectors.get(provider, usual)
    url, params = f"{base}/internal/status", {"tenant": tenant}
    found = call(settings, "GET", url, "connectors", params=params)
    return list(found["connections"])


def call(settings: OperatorSettings, method: str, url: str, service: str, **more: Any) -> Any:
    """The JSON answer of one of our services; raises DevstackError."""
    try:
        signer = TokenSigner.from_settings(CALLER, settings)
        answer = httpx.request(
            method, url, headers=signer.headers(service), timeout=LIMIT, trust_env=False, **more
        )
        answer.raise_for_status()
    except ValueError as error:
        raise DevstackError(str(error)) from None
    except httpx.HTTPStatusError as error:
        sentence = _said(error.response)
        raise DevstackError(f"{service} answered {answer.status_code}: {sentence}") from None
    except httpx.HTTPError as error:
        where = f"{service} does not answer at {url.partition('/internal')[0]}"
        raise DevstackError(f"{where} ({type(error).__name__}); is it running?") from None
    return answer.json()


def only(connections: Sequence[Connection], wanted: str, tenant: str) -> Connection:
    """The connection asked for, or the only one that is not closed; raises DevstackError."""
    living = [one for one in connections if one.state != "closed"]
    found = [one for one in connections if one.id == wanted] if wanted else living
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{one.id} ({one.provider}, {one.company_name})" for one in living)
    if not known:
        raise DevstackError(f"{tenant} has no connection; make one with `ledgerbridge connect`.")
    raise DevstackError(f"Say which with --connection; {tenant} has {known}.")


def _said(answer: httpx.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return answer.text[:200]
    return str(body.get("reason") or body.get("detail") or body)
