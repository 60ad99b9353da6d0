"""The simulated QuickBooks Online as a whole: companies, ASGI application, control switches."""

from uuid import NAMESPACE_URL, uuid5

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.sandbox.faults import Faults
from services.sandbox.provider import EVERYTHING, Part, RefusedError, Table
from services.sandbox.providers.quickbooks_online import (
    bookkeeper,
    chart,
    documents_page,
    oauth,
    seed,
)
from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.errors import Wire
from services.sandbox.providers.quickbooks_online.gate import Gate
from services.sandbox.providers.quickbooks_online.grants import Grants
from services.sandbox.providers.quickbooks_online.identity import Identity
from services.sandbox.providers.quickbooks_online.limits import Limits
from services.sandbox.providers.quickbooks_online.lists import PLANS
from services.sandbox.providers.quickbooks_online.rendering import encoded
from services.sandbox.providers.quickbooks_online.requestids import RequestIds
from services.sandbox.providers.quickbooks_online.special_work import adopt
from services.sandbox.providers.quickbooks_online.webhooks import Webhooks
from services.sandbox.requestlog import Logged
from services.sandbox.simulated import Simulated, named

API = "/v3/company/"


class QuickBooksProvider(Simulated[Books]):
    """Serves the vendor's own paths and what the control API asks."""

    id = "quickbooks_online"
    api = API

    def __init__(self, *, limits: bool) -> None:
        super().__init__(Faults())
        for id_, name, country in chart.SEEDED:
            self.books[id_] = seed.company(self.clock, id_, name, country, {})
        self._grants = Grants(self.clock)
        self._webhooks = Webhooks(self.clock, self.faults, self._grants.connected)
        self._identity = Identity(self.clock, self.faults, self.books, self._grants)
        self._gate = Gate(
            self.clock,
            self.faults,
            self.books,
            self._grants,
            Limits(self.clock, enforced=limits),
            RequestIds(self.clock),
            self._webhooks.publish,
        )

    def _stamp(self, request: str) -> dict[str, str]:
        tid = f"1-{uuid5(NAMESPACE_URL, request).hex}"
        return {"intuit_tid": tid, "qbo-version": "sandbox"}

    async def _response(self, request: Request, path: str, row: Logged) -> Response:
        if path.startswith(API):
            answer, headers = await self._gate.answer(request, path.removeprefix(API), row)
            media = {"content-type": answer.content_type}
            return Response(answer.content, answer.status, {**headers, **media})
        if path.startswith("/.well-known/openid"):
            root = str(request.url).partition("/.well-known/")[0]
            return JSONResponse(oauth.discovery(root))
        endpoints = {
            ("GET", oauth.AUTHORIZE): self._identity.authorize,
            ("POST", oauth.AUTHORIZE): self._identity.authorize,
            ("POST", oauth.TOKEN_PATH): self._identity.token,
            ("POST", oauth.REVOKE): self._identity.revoke,
            ("GET", oauth.USERINFO): self._identity.userinfo,
            ("GET", oauth.JWKS): self._identity.jwks,
        }
        endpoint = endpoints.get((request.method, path))
        return Response(status_code=404) if endpoint is None else await endpoint(request)

    def create_company(self, wanted: Wire) -> Wire:
        """One more, seeded.

        `name`, `country`, `currency`, `ast`, `multicurrency`, `plan` and `habits` may be told.
        """
        name, currency = str(wanted.get("name") or "").strip(), str(wanted.get("currency") or "")
        country = str(wanted.get("country") or chart.BY_CURRENCY.get(currency, "US"))
        country = chart.ALIASES.get(country, country)
        if not name or country not in chart.COUNTRIES:
            known = sorted(chart.COUNTRIES)
            raise RefusedError(f"A company needs a name and a country of {known}.", 422)
        if wanted.get("plan", "Plus") not in PLANS or currency not in {"", *chart.BY_CURRENCY}:
            raise RefusedError(f"The plans are {PLANS}, the currencies {chart.BY_CURRENCY}.", 422)
        id_ = str(int(max(self.books)) + 1)
        books = seed.company(self.clock, id_, name, country, wanted)
        adopt(books.habits, wanted.get("habits") or {})
        self.books[id_] = books
        return named(books)

    def summary(self, company: str) -> Wire:
        """With the number of objects of each entity."""
        books = self._books(company)
        return {**named(books), "counts": documents_page.counts(books)}

    def documents(self, company: str, part: Part = EVERYTHING) -> bytes:
        """Every object as the API shows it."""
        return encoded(documents_page.documents(self._books(company), part))

    def tables(self, company: str) -> list[Table]:
        """The newest documents, for people."""
        return documents_page.tables(self._books(company))

    def account_label(self, company: str, account: str) -> tuple[str, str]:
        """Id and name: accounts have no codes unless a company wants them."""
        return account, str(self._books(company).tables["Account"].rows[account]["Name"])

    def bookkeeper(self, company: str, action: Wire) -> bytes:
        """Act in the vendor's UI: same rules, webhooks raised, no limits."""
        books = self._books(company)
        if action.get("do") == "disconnect":
            return encoded({"disconnected": self._grants.disconnect(company)})
        record, events = bookkeeper.act(books, action)
        self._webhooks.publish(books.id, events)
        return encoded(record)

    async def subscribe(self, wanted: Wire) -> Wire:
        """`url`, `key` (the verifier token), `format`: `classic` or `cloudevents`."""
        return await self._webhooks.subscribe(wanted)

    async def unsubscribe(self) -> None:
        """End it."""
        await self._webhooks.unsubscribe()

    def subscription(self) -> Wire:
        """How it stands."""
        return self._webhooks.state()

    async def aclose(self) -> None:
        """Stop delivering."""
        await self._webhooks.unsubscribe()


def simulator(*, limits: bool) -> QuickBooksProvider:
    """What the sandbox starts."""
    return QuickBooksProvider(limits=limits)
