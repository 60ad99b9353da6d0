"""The consent page of every simulated vendor: what an app asks for, and for which company."""

from collections.abc import Collection, Iterable
from typing import Protocol
from urllib.parse import urlsplit

from starlette.responses import Response

from services.sandbox import pages
from services.sandbox.simulated import Company, named


class Named(Protocol):
    """An app, by the name people know."""

    @property
    def name(self) -> str: ...


class Asked(Protocol):
    """What an app asks a person for."""

    @property
    def app(self) -> Named: ...
    @property
    def redirect_uri(self) -> str: ...
    @property
    def scopes(self) -> tuple[str, ...]: ...


def consent_page(
    asked: Asked,
    key: str,
    action: str,
    user: str,
    companies: Iterable[Company],
    connected: Collection[str],
) -> Response:
    """The page; `key` names the question in the form's answer, `connected` are company ids."""
    target = urlsplit(asked.redirect_uri)
    return pages.page(
        "consent.html",
        # Browsers hold the redirect after the form to this list as well.
        form_action=f"'self' {target.scheme}://{target.netloc}",
        app=asked.app.name,
        user=user,
        action=action,
        consent=key,
        companies=[{**named(one), "connected": one.id in connected} for one in companies],
        scopes=asked.scopes,
    )
