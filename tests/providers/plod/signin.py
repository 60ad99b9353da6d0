"""The simulated Plod Books' sign-in: OAuth 2 code flow, a refresh token that never rotates."""

import secrets
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

LIFE = 3600


class SignIn:
    """Codes and tokens of the one simulated user."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}
        self._access: set[str] = set()
        self._refresh: set[str] = set()

    async def authorize(self, request: Request) -> Response:
        """Approves at once; a person would be shown a page."""
        asked = request.query_params
        if asked.get("client_id") != "sandbox" or asked.get("auto") != "1":
            return JSONResponse({"error": "unauthorized_client"}, 400)
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked["redirect_uri"]
        query = urlencode({"code": code, "state": asked.get("state", "")})
        return RedirectResponse(f"{asked['redirect_uri']}?{query}", 302)

    async def token(self, request: Request) -> Response:
        """`authorization_code` or `refresh_token`."""
        sent = {k: v[-1] for k, v in parse_qs((await request.body()).decode()).items()}
        if (sent.get("client_id"), sent.get("client_secret")) != ("sandbox", "sandbox-secret"):
            return JSONResponse({"error": "invalid_client"}, 401)
        code = sent.get("code", "")
        if sent.get("grant_type") == "authorization_code":
            known = self._codes.pop(code, None) == sent.get("redirect_uri", "")
        else:
            known = sent.get("refresh_token") in self._refresh
        if not known:
            return JSONResponse({"error": "invalid_grant"}, 400)
        access = secrets.token_urlsafe(16)
        refresh = sent.get("refresh_token") or secrets.token_urlsafe(16)
        self._access.add(access)
        self._refresh.add(refresh)
        return JSONResponse(
            {"access_token": access, "refresh_token": refresh, "expires_in": LIFE}
            | {"token_type": "Bearer"}
        )

    def knows(self, request: Request) -> bool:
        """Whether the request carries a token of ours."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return scheme == "Bearer" and token in self._access
