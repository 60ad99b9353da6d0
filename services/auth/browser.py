"""What a person's browser calls: connect, the provider's answer, the choice, the confirmation."""

import hmac
import uuid
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.auth import errors
from services.auth.errors import TurnedAway
from services.auth.pages import HEADERS, new_session
from services.auth.parts import Parts, parts
from services.auth.visits import csrf_token

log = structlog.get_logger()
router = APIRouter(tags=["browser"], default_response_class=HTMLResponse)
TheParts = Annotated[Parts, Depends(parts)]


@router.get("/connect/{provider}", summary="Connect a company", status_code=302)
async def connect(
    provider: str, request: Request, the: TheParts, link: str = "", auto: str = ""
) -> Response:
    """Sends the browser to the provider's consent page.

    `link` is a token signed by the invoicing product (claims `tenant`, `starts_at`, `scope`,
    `connection` to reconnect, `company`, `return_to`). `auto=1` counts only at a sandbox.
    """
    session = the.pages.session(request) or new_session()
    url = await the.flow.depart(provider, link, session, auto=auto == "1")
    answer = RedirectResponse(url, 302, HEADERS)
    the.pages.keep_session(answer, session)
    return answer


@router.get("/callback/{provider}", summary="The provider's answer", status_code=303)
async def callback(provider: str, request: Request, the: TheParts) -> Response:
    """Takes the code, once, and goes on to the visit's page."""
    session = the.pages.session(request)
    visit = await the.flow.arrive(provider, request.query_params, session)
    return the.pages.redirect(f"/visits/{visit}")


@router.get("/visits/{visit}", summary="Choice of a company, or confirmation")
async def show(visit: uuid.UUID, request: Request, the: TheParts) -> Response:
    """The confirmation names the company and the start."""
    session = the.pages.session(request)
    found = await the.visits.read(visit, session)
    name = the.vendors[found.provider].name
    back = found.link.return_to
    if found.step == "choosing" and not found.expired:
        token = csrf_token(found, session)
        return the.pages.page(
            "choose.html", request, visit=found, csrf=token, provider=name, return_to=None
        )
    opened = await the.flow.opened(found)
    return the.pages.page(
        "connected.html", request, connection=opened, provider=name, return_to=back
    )


@router.post("/visits/{visit}", summary="Choose a company", status_code=303)
async def choose(
    visit: uuid.UUID,
    request: Request,
    the: TheParts,
    company: Annotated[str, Form()],
    csrf: Annotated[str, Form()],
) -> Response:
    """Connects the chosen one of the companies that were offered."""
    session = the.pages.session(request)
    found = await the.visits.read(visit, session)
    if not hmac.compare_digest(csrf.encode(), csrf_token(found, session).encode()):
        raise TurnedAway(errors.OTHER_BROWSER, "The form was not made for this browser.")
    await the.flow.choose(found, company)
    return the.pages.redirect(f"/visits/{visit}")


async def turned_away(request: Request, error: Exception) -> Response:
    """The error page."""
    assert isinstance(error, TurnedAway)
    log.info("visit.refused", reason=error.page.reason.word)
    return parts(request).pages.error(request, error)
