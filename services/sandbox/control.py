"""`/_control/<provider>`: what tests, the demo and people may do to a simulated vendor."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Body, FastAPI, Header, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel, ConfigDict

from services.sandbox import pages
from services.sandbox.ledger import Entry, Ledger
from services.sandbox.provider import Part, Provider, RefusedError, Wire

JSON = "application/json"
STYLE = Path(__file__).parent / "pages" / "style.css"
ROOT = "/_control/{provider}"
COMPANY = "/companies/{company}"
Named = Callable[[str], Provider]


class Clocked(BaseModel):
    """`{"advance_seconds": n}` or `{"reset": true}`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    advance_seconds: float = 0
    reset: bool = False


def mount(app: FastAPI, providers: Mapping[str, Provider]) -> None:
    """Add the control API of these providers to the application."""

    def named(provider: str) -> Provider:
        try:
            return providers[provider]
        except KeyError:
            raise RefusedError(f"There is no provider {provider!r} here.", 404) from None

    router = APIRouter(prefix=ROOT, tags=["control"])
    _companies(router, named)
    _books(router, named)
    _requests(router, named)
    _faults(router, named)
    _webhook(router, named)
    app.add_api_route("/_control/style.css", _style, include_in_schema=False)
    app.include_router(router)
    app.add_exception_handler(RefusedError, _refused)


async def _refused(_: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, RefusedError) else 400
    return JSONResponse({"error": str(error)}, status)


async def _style() -> Response:
    return FileResponse(STYLE, media_type="text/css")


def _companies(router: APIRouter, named: Named) -> None:
    @router.get("/companies")
    async def companies(provider: str) -> list[Wire]:
        """Every company of the provider."""
        found: list[Wire] = named(provider).companies()
        return found

    @router.post("/companies", status_code=201)
    async def create(provider: str, wanted: Annotated[Wire, Body()]) -> Wire:
        """One more seeded company."""
        made: Wire = named(provider).create_company(wanted)
        return made

    @router.get(COMPANY)
    async def show(provider: str, company: str, accept: Annotated[str, Header()] = "") -> Response:
        """The books for people, or their summary for `Accept: application/json`."""
        simulated: Provider = named(provider)
        summary = simulated.summary(company)
        if JSON in accept:
            trial = _trial_balance(simulated, company)
            return JSONResponse({**summary, "trial_balance": trial["accounts"]})
        return pages.books(simulated, company, summary, _trial_balance(simulated, company))


def _books(router: APIRouter, named: Named) -> None:
    @router.get(COMPANY + "/documents")
    async def documents(
        provider: str,
        company: str,
        resource: str | None = None,
        skip: Annotated[int, Query(ge=0)] = 0,
        take: Annotated[int | None, Query(ge=0)] = None,
    ) -> Response:
        """Every record as the API shows it, by resource, or some of one resource."""
        part = Part(resource, skip, take)
        return Response(named(provider).documents(company, part), media_type=JSON)

    @router.get(COMPANY + "/journal")
    async def journal(provider: str, company: str, document: str | None = None) -> Wire:
        """The journal entries of the company, or of one document."""
        simulated: Provider = named(provider)
        ledger: Ledger = simulated.ledger(company)
        return {"entries": [_entry(simulated, company, e) for e in ledger.entries(document)]}

    @router.get(COMPANY + "/trial-balance")
    async def trial_balance(provider: str, company: str) -> Wire:
        """Every account's balance; both sides sum to the same."""
        return _trial_balance(named(provider), company)

    @router.post(COMPANY + "/bookkeeper")
    async def bookkeeper(provider: str, company: str, action: Annotated[Wire, Body()]) -> Response:
        """Act as a person in the vendor's own application."""
        return Response(named(provider).bookkeeper(company, action), media_type=JSON)


def _requests(router: APIRouter, named: Named) -> None:
    @router.get("/requests")
    async def requests(provider: str, company: str | None = None, since: int = 0) -> Response:
        """The request log."""
        return JSONResponse(named(provider).log.rows(company, since))

    @router.delete("/requests", status_code=204)
    async def forget(provider: str) -> None:
        """Forget it."""
        named(provider).log.clear()

    @router.post("/clock")
    async def clock(provider: str, wanted: Clocked) -> dict[str, str]:
        """Move the provider's clock forward, or back to real time."""
        simulated: Provider = named(provider)
        if wanted.reset:
            simulated.clock.reset()
        simulated.clock.advance(wanted.advance_seconds)
        return {"now": simulated.clock.now().isoformat()}


def _faults(router: APIRouter, named: Named) -> None:
    @router.post("/faults", status_code=201)
    async def arm(provider: str, wanted: Annotated[Wire, Body()]) -> dict[str, int]:
        """Arm a fault."""
        try:
            return {"id": named(provider).faults.arm(wanted).id}
        except (TypeError, ValueError) as error:
            raise RefusedError(str(error), 422) from None

    @router.get("/faults")
    async def armed(provider: str) -> list[Wire]:
        """What is armed."""
        faults: list[Wire] = named(provider).faults.armed()
        return faults

    @router.delete("/faults", status_code=204)
    async def disarm(provider: str) -> None:
        """Disarm all."""
        named(provider).faults.disarm()


def _webhook(router: APIRouter, named: Named) -> None:
    @router.post("/webhook")
    async def subscribe(provider: str, wanted: Annotated[Wire, Body()]) -> Wire:
        """Subscribe, handshake included."""
        made: Wire = await named(provider).subscribe(wanted)
        return made

    @router.delete("/webhook", status_code=204)
    async def unsubscribe(provider: str) -> None:
        """End the subscription."""
        await named(provider).unsubscribe()

    @router.get("/webhook")
    async def subscription(provider: str) -> Wire:
        """How the subscription stands."""
        state: Wire = named(provider).subscription()
        return state


def _entry(provider: Provider, company: str, entry: Entry) -> Wire:
    lines = []
    for line in entry.lines:
        code, name = provider.account_label(company, line.account)
        debit, credit = max(line.amount, Decimal(0)), max(-line.amount, Decimal(0))
        lines.append(
            {"account": code, "name": name, "debit": f"{debit:.2f}", "credit": f"{credit:.2f}"}
        )
    return {
        "at": entry.at.isoformat(),
        "document": entry.document,
        "kind": entry.kind,
        "lines": lines,
    }


def _trial_balance(provider: Provider, company: str) -> Wire:
    accounts, debit, credit = [], Decimal(0), Decimal(0)
    for row in provider.ledger(company).trial_balance():
        code, name = provider.account_label(company, row.account)
        sides = {"debit": f"{row.debit:.2f}", "credit": f"{row.credit:.2f}"}
        accounts.append({"account": code, "name": name, **sides})
        debit, credit = debit + row.debit, credit + row.credit
    return {"accounts": accounts, "debit": f"{debit:.2f}", "credit": f"{credit:.2f}"}
