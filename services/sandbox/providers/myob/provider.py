"""The simulated MYOB as a whole: its company files, its ASGI application, its control switches."""

from uuid import UUID, uuid5

from starlette.requests import Request
from starlette.responses import Response

from services.sandbox.faults import ALL, WEBHOOKS, Faults
from services.sandbox.provider import EVERYTHING, Part, RefusedError, Table
from services.sandbox.providers.myob import bookkeeper, chart, documents_page, seed
from services.sandbox.providers.myob.books import Books, new_id
from services.sandbox.providers.myob.errors import Wire, missing
from services.sandbox.providers.myob.gate import Gate
from services.sandbox.providers.myob.grants import APPS, Grants
from services.sandbox.providers.myob.identity import Identity
from services.sandbox.providers.myob.limits import Limits
from services.sandbox.providers.myob.office import set_habits
from services.sandbox.providers.myob.showing import encoded
from services.sandbox.requestlog import Logged
from services.sandbox.simulated import Simulated, named

NAMESPACE = UUID("6b1f3c9e-2d47-4c55-9a60-1f0d7c2a4e11")
API = "/accountright"
NO_WEBHOOKS = "MYOB has no webhooks: poll it."


class MyobProvider(Simulated[Books]):
    """Serves the vendor's own paths and what the control API asks."""

    id = "myob"
    api = API

    def __init__(self, *, limits: bool) -> None:
        # MYOB has neither webhooks nor calls with more than one record.
        super().__init__(Faults(ALL - WEBHOOKS - {"partial"}))
        for name, country in chart.SEEDED:
            id_ = str(uuid5(NAMESPACE, name))
            self.books[id_] = seed.company(self.clock, id_, name, country, None)
        self._grants = Grants(self.clock)
        self._suspended: set[str] = set()
        self._identity = Identity(self.faults, self.books, self._grants)
        self._gate = Gate(
            self.faults,
            self.books,
            self._grants,
            Limits(self.clock, enforced=limits),
            self._suspended,
        )

    def _stamp(self, request: str) -> dict[str, str]:
        return {"x-myobapi-requestid": str(uuid5(NAMESPACE, request))}

    async def _response(self, request: Request, path: str, row: Logged) -> Response:
        if path == API or path.startswith(f"{API}/"):
            return await self._gate.answer(request, path.removeprefix(API), row)
        endpoints = {
            ("GET", "/oauth2/account/authorize"): self._identity.authorize,
            ("POST", "/oauth2/account/authorize"): self._identity.authorize,
            ("POST", "/oauth2/v1/authorize"): self._identity.token,
        }
        # Real clients ask with and without a trailing slash.
        endpoint = endpoints.get((request.method, path.rstrip("/")))
        if endpoint is None:
            refused = missing()
            return Response(encoded(refused.body), 404, media_type="application/json")
        return await endpoint(request)

    def create_company(self, wanted: Wire) -> Wire:
        """One more, seeded; `habits` switches what the vendor's documents leave open."""
        name, currency = str(wanted.get("name") or "").strip(), wanted.get("currency")
        country = wanted.get("country") or chart.BY_CURRENCY.get(str(currency), "AU")
        if not name or country not in chart.COUNTRIES:
            known = sorted(chart.COUNTRIES)
            raise RefusedError(f"A company needs a name and a country of {known}.", 422)
        currencies = {code for code, _, _ in chart.CURRENCIES}
        if currency is not None and currency not in currencies:
            raise RefusedError(f"A company's currency is one of {sorted(currencies)}.", 422)
        books = seed.company(self.clock, new_id(), name, country, currency)
        set_habits(books.habits, wanted.get("habits") or {})
        self.books[books.id] = books
        return named(books)

    def summary(self, company: str) -> Wire:
        """With the number of records of each resource."""
        books = self._books(company)
        return {**named(books), "counts": documents_page.counts(books)}

    def documents(self, company: str, part: Part = EVERYTHING) -> bytes:
        """Every record as the API shows it."""
        return encoded(documents_page.documents(self._books(company), part))

    def tables(self, company: str) -> list[Table]:
        """The newest documents, for people."""
        return documents_page.tables(self._books(company))

    def account_label(self, company: str, account: str) -> tuple[str, str]:
        """DisplayID and name."""
        row = self._books(company).tables["accounts"].get(account)
        return (str(row["DisplayID"]), str(row["Name"])) if row else (account, "(deleted)")

    def bookkeeper(self, company: str, action: Wire) -> bytes:
        """Act in the vendor's UI: same rules, no limits."""
        books = self._books(company)
        if action.get("do") == "disconnect":
            self._grants.end(books.id)
            return encoded({"connected": False})
        if action.get("do") in {"suspend_key", "resume_key"}:
            # Of every customer at once: the key is the app's.
            self._suspended.clear()
            self._suspended.update(APPS if action["do"] == "suspend_key" else ())
            return encoded({"suspended": sorted(self._suspended)})
        return encoded(bookkeeper.act(books, action))

    async def subscribe(self, _: Wire) -> Wire:
        """There is nothing to subscribe to."""
        raise RefusedError(NO_WEBHOOKS, 422)

    async def unsubscribe(self) -> None:
        """There is nothing to end."""

    def subscription(self) -> Wire:
        """Never active."""
        return {"url": None, "state": "disabled", "delivered": 0, "pending": 0}

    async def aclose(self) -> None:
        """Nothing runs in the background."""


def simulator(*, limits: bool) -> MyobProvider:
    """What the sandbox starts."""
    return MyobProvider(limits=limits)
