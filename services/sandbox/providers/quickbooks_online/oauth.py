"""OAuth 2 on the wire: discovery, scopes, forms, client credentials, redirects and errors."""

from base64 import b64decode
from binascii import Error as Base64Error
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from services.sandbox import pages
from services.sandbox.providers.quickbooks_online.call import decoded
from services.sandbox.providers.quickbooks_online.errors import Invalid
from services.sandbox.providers.quickbooks_online.grants import APPS, App

ACCOUNTING = "com.intuit.quickbooks.accounting"
SCOPES = frozenset(
    {
        ACCOUNTING,
        "com.intuit.quickbooks.payment",
        *("openid", "profile", "email", "phone", "address"),
        "project-management.project",
        "app-foundations.custom-field-definitions",
        "app-foundations.custom-field-definitions.read",
        "indirect-tax.tax-calculation.quickbooks",
        "payroll.compensation.read",
    }
)
ISSUER = "https://oauth.platform.intuit.com/op/v1"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}
AUTHORIZE = "/connect/oauth2"
TOKEN_PATH = "/oauth2/v1/tokens/bearer"  # noqa: S105  a path
REVOKE = "/v2/oauth2/tokens/revoke"
USERINFO = "/v1/openid_connect/userinfo"
JWKS = "/op/v1/jwks"


def discovery(root: str) -> dict[str, Any]:
    """The discovery document; its URLs lead back here. PKCE is not advertised."""
    return {
        "issuer": ISSUER,
        "authorization_endpoint": root + AUTHORIZE,
        "token_endpoint": root + TOKEN_PATH,
        "userinfo_endpoint": root + USERINFO,
        "revocation_endpoint": root + REVOKE,
        "jwks_uri": root + JWKS,
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile", "address", "phone"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
    }


async def form(request: Request) -> dict[str, str]:
    """A URL-encoded body, or the JSON one of a revocation."""
    body = await request.body()
    if "json" in request.headers.get("content-type", ""):
        try:
            wire = decoded(body)
        except Invalid:
            return {}
        return {k: str(v) for k, v in wire.items()} if isinstance(wire, dict) else {}
    text = body.decode("utf-8", "replace")
    return {key: values[-1] for key, values in parse_qs(text, keep_blank_values=True).items()}


def wrong(asked: dict[str, str]) -> str | None:
    """The OAuth error of a request for authorization; None when it is fine."""
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
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
    """By Basic header or body."""
    client_id, secret = sent.get("client_id", ""), sent.get("client_secret")
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = b64decode(value, validate=True).decode().partition(":")
        except (Base64Error, UnicodeDecodeError):
            return None
    app = APPS.get(client_id)
    return app if app is not None and secret == app.secret else None


def oauth_error(error: str, status: int = 400, description: str | None = None) -> Response:
    """As the token endpoint answers it."""
    body = {"error": error} | ({"error_description": description} if description else {})
    return JSONResponse(body, status, headers=NO_STORE)


def problem_page(error: str, sentence: str) -> Response:
    """Where there is no redirect URI to trust."""
    return pages.page("problem.html", status=400, error=error, sentence=sentence)
