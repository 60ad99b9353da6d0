"""The pages people see: templates, security headers, the browser's session cookie."""

import re
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.auth.errors import TurnedAway

FOLDER = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
SESSION = re.compile(r"[\w-]{43}")


class Pages:
    """Renders pages as they are reached under `base_url`."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._secure = base_url.startswith("https:")
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
        )
        self._templates.globals["moment"] = moment

    def page(
        self,
        name: str,
        request: Request,
        status: int = 200,
        *,
        return_to: str | None = None,
        **values: Any,
    ) -> HTMLResponse:
        """The template `name` with what every page has."""
        html = self._templates.get_template(name).render(
            base_url=self._base_url,
            correlation_id=request.state.correlation_id,
            return_to=return_to,
            **values,
        )
        return HTMLResponse(html, status, HEADERS)

    def error(self, request: Request, turned: TurnedAway) -> HTMLResponse:
        """What happened, what to do next, and the reference to tell support."""
        page = turned.page
        return self.page(
            "error.html", request, page.reason.status, page=page, return_to=page.return_to
        )

    def redirect(self, path: str) -> RedirectResponse:
        """To a page of ours."""
        return RedirectResponse(f"{self._base_url}{path}", 303, HEADERS)

    def session(self, request: Request) -> str:
        """The secret of this browser; empty when it has none."""
        value = request.cookies.get(self._cookie, "")
        return value if SESSION.fullmatch(value) else ""

    def keep_session(self, response: Response, session: str) -> None:
        """Leave the secret with the browser, until it is closed."""
        response.set_cookie(
            self._cookie, session, httponly=True, samesite="lax", secure=self._secure
        )

    @property
    def _cookie(self) -> str:
        # With the prefix a browser takes it from this host over https alone.
        return "__Host-ledgerbridge-auth" if self._secure else "ledgerbridge-auth"


def new_session() -> str:
    """A secret for a browser that has none."""
    return secrets.token_urlsafe(32)


def moment(when: datetime) -> str:
    """A moment for people, in UTC."""
    utc = when.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M} UTC"
