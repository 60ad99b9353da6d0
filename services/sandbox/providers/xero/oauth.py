"""OAuth 2 on the wire: scopes, forms, client credentials, redirects and errors."""

from base64 import b64decode
from binascii import Error as Base64Error
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from services.sandbox import pages
from services.sandbox.providers.xero.grants import APPS, App

PLAIN = frozenset({"openid", "profile", "email", "offline_access", "paymentservices"})
GRANULAR = (
    *("invoices", "payments", "banktransactions", "contacts", "settings", "attachments"),
    "manualjournals",
)
SCOPES = PLAIN | {
    "accounting.journals.read",
    "accounting.reports.balancesheet.read",
    *(f"accounting.{name}{twin}" for name in GRANULAR for twin in ("", ".read")),
}
"""The broad `accounting.transactions` and `accounting.reports.read` are refused for new apps."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}


async def form(request: Request) -> dict[str, str]:
    """A URL-encoded body; the last of repeated fields counts."""
    body = (await request.body()).decode("utf-8", "replace")
    return {key: values[-1] for key, values in parse_qs(body, keep_blank_values=True).items()}


def wrong(asked: dict[str, str]) -> str | None:
    """The OAuth error of a request for authorization; None when it is fine."""
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if "code_challenge" in asked and asked.get("code_challenge_method") != "S256":
        return "invalid_request"
    scopes = set(asked.get("scope", "").split())
    return None if scopes and scopes <= SCOPES else "invalid_scope"


def allowed(redirect_uri: str) -> bool:
    """Any loopback address is registered for the sandbox's app."""
    parts = urlsplit(redirect_uri)
    return parts.scheme in {"http", "https"} and parts.hostname in LOOPBACK


def back(redirect_uri: str, **values: str | None) -> Response:
    """Send the browser back to the app."""
    query = urlencode({key: value for key, value in values.items() if value is not None})
    return RedirectResponse(f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{query}", 302)


def client_of(request: Request, sent: dict[str, str]) -> App | None:
    """By Basic header or body; without a secret only the PKCE flow (a native app)."""
    client_id, secret = sent.get("client_id", ""), sent.get("client_secret")
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = b64decode(value, validate=True).decode().partition(":")
        except (Base64Error, UnicodeDecodeError):
            return None
    app = APPS.get(client_id)
    if app is None or (secret is None and not sent.get("code_verifier")):
        return None
    return app if secret in {None, app.secret} else None


def oauth_error(error: str) -> Response:
    """400 as the token endpoint answers it."""
    return JSONResponse({"error": error}, 400, headers=NO_STORE)


def problem_page(error: str, sentence: str) -> Response:
    """Where there is no redirect URI to trust."""
    return pages.page("problem.html", status=400, error=error, sentence=sentence)
