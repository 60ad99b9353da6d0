"""The simulated Xero as a whole: its companies, its ASGI application, its control switches."""

from typing import Any
from uuid import UUID, uuid5

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.sandbox.faults import ALL, Faults
from services.sandbox.provider import EVERYTHING, Part, RefusedError, Table
from services.sandbox.providers.xero import bookkeeper, chart, documents_page, seed
from services.sandbox.providers.xero.api import Gate
from services.sandbox.providers.xero.books import Books
from services.sandbox.providers.xero.errors import Refused, Wire, not_found
from services.sandbox.providers.xero.gate import access_of
from services.sandbox.providers.xero.grants import Grants
from services.sandbox.providers.xero.idempotency import Idempotency, Stored
from services.sandbox.providers.xero.identity import Identity
from services.sandbox.providers.xero.limits import Limits
from services.sandbox.providers.xero.rendering import encoded
from services.sandbox.providers.xero.webhooks import Webhooks
from services.sandbox.requestlog import Logged
from services.sandbox.simulated import Simulated, named

NAMESPACE = UUID("5a4d0b0c-8a70-4a3e-9b1d-7e3f5c2a1d00")
API = "/api.xro/2.0"


class XeroProvider(Simulated[Books]):
    """Serves the vendor's own paths and what the control API asks."""

    id = "xero"
    api = API

    def __init__(self, *, limits: bool) -> None:
        # Xero has no version token, so there is no stale version to answer with.
        super().__init__(Faults(ALL - {"stale-version"}))
        for name, country in chart.SEEDED:
            id_ = str(uuid5(NAMESPACE, name))
            self.books[id_] = seed.company(self.clock, name, country, id_=id_)
        self._grants = Grants(self.clock)
        self._webhooks = Webhooks(self.clock, self.faults, self._connected)
        self._identity = Identity(self.clock, self.faults, self.books, self._grants)
        self._gate = Gate(
            self.clock,
            self.faults,
            self.books,
            self._grants,
            Limits(self.clock, enforced=limits),
            Idempotency(self.clock),
            self._webhooks.publish,
        )

    def _stamp(self, request: str) -> dict[str, str]:
        return {"xero-correlation-id": str(uuid5(NAMESPACE, request))}

    async def _response(self, request: Request, path: str, row: Logged) -> Response:
        if path.startswith(API):
            answer, headers = await self._gate.answer(request, path.removeprefix(API), row)
            return _response(answer, headers)
        if path.lower().startswith("/connections"):
            return self._connections(request, path.strip("/").split("/")[1:])
        endpoints = {
            ("GET", "/identity/connect/authorize"): self._identity.authorize,
            ("POST", "/identity/connect/authorize"): self._identity.authorize,
            ("POST", "/connect/token"): self._identity.token,
            ("POST", "/connect/revocation"): self._identity.revoke,
        }
        endpoint = endpoints.get((request.method, path))
        if endpoint is None:
            return JSONResponse(not_found().body, 404)
        return await endpoint(request)

    def _connections(self, request: Request, rest: list[str]) -> Response:
        """GET /connections, DELETE /connections/{id}."""
        try:
            connections = access_of(self._grants, self.clock, request).grant.connections
        except Refused as refused:
            return JSONResponse(refused.body, refused.status)
        if request.method == "GET" and not rest:
            event = request.query_params.get("authEventId")
            shown = [c for c in connections.values() if event in {None, c["authEventId"]}]
            return JSONResponse(shown)
        for tenant, connection in connections.items():
            if request.method == "DELETE" and rest == [connection["id"]]:
                del connections[tenant]
                return Response(status_code=204)
        return JSONResponse(not_found().body, 404)

    def create_company(self, wanted: Wire) -> Wire:
        """One more, seeded."""
        name, currency = str(wanted.get("name") or "").strip(), wanted.get("currency")
        country = wanted.get("country") or chart.BY_CURRENCY.get(str(currency), "NZ")
        if not name or country not in chart.COUNTRIES:
            known = sorted(chart.COUNTRIES)
            raise RefusedError(f"A company needs a name and a country of {known}.", 422)
        books = seed.company(self.clock, name, country, currency)
        for key, value in (wanted.get("habits") or {}).items():
            if key not in books.habits.__dataclass_fields__:
                raise RefusedError(f"There is no habit {key!r}.", 422)
            setattr(books.habits, key, type(getattr(books.habits, key))(value))
        self.books[books.id] = books
        return named(books)

    def summary(self, company: str) -> Wire:
        """With the number of records of each resource."""
        books = self._books(company)
        counts = documents_page.counts(books)
        return {**named(books), "counts": counts}

    def documents(self, company: str, part: Part = EVERYTHING) -> bytes:
        """Every record as the API shows it."""
        return encoded(documents_page.documents(self._books(company), part))

    def tables(self, company: str) -> list[Table]:
        """The newest documents, for people."""
        return documents_page.tables(self._books(company))

    def account_label(self, company: str, account: str) -> tuple[str, str]:
        """Code (or id) and name."""
        row = self._books(company).accounts.rows[account]
        return str(row.get("Code") or account), str(row["Name"])

    def bookkeeper(self, company: str, action: Wire) -> bytes:
        """Act in the vendor's UI: same rules, webhooks raised, no limits."""
        books = self._books(company)
        record, events = bookkeeper.act(books, action)
        self._webhooks.publish(books.id, events)
        return encoded(record)

    async def subscribe(self, wanted: Wire) -> Wire:
        """Handshake, then deliveries."""
        if not wanted.get("url") or not wanted.get("key"):
            raise RefusedError("A webhook needs a url and a key.", 422)
        return await self._webhooks.subscribe(str(wanted["url"]), str(wanted["key"]))

    async def unsubscribe(self) -> None:
        """End it."""
        await self._webhooks.unsubscribe()

    def subscription(self) -> Wire:
        """How it stands."""
        return self._webhooks.state()

    async def aclose(self) -> None:
        """Stop delivering."""
        await self._webhooks.unsubscribe()

    def _connected(self, company: str) -> bool:
        """Webhooks tell an app only of the companies it is connected to."""
        return any(company in grant.connections for grant in self._grants.by_app.values())


def _response(answer: Stored, headers: dict[str, Any]) -> Response:
    media = {"content-type": answer.content_type} if answer.content_type else {}
    return Response(answer.content, answer.status, {**headers, **media})


def simulator(*, limits: bool) -> XeroProvider:
    """What the sandbox starts."""
    return XeroProvider(limits=limits)
