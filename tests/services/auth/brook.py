"""The invented Brook Books: its consent page brings one company, its tokens reach that one."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

BASIC = base64.b64encode(b"sandbox:sandbox-secret").decode()
DAY = 86_400


@dataclass
class Brook:
    """What it knows, and what it was sent; a test changes it as it likes."""

    names: dict[str, str] = field(default_factory=dict)
    redirect: dict[str, str] = field(default_factory=dict)
    """Beside the code; `realm` is the company the person chose unless a test writes another."""
    answer: dict[str, Any] = field(default_factory=dict)
    """Beside the tokens of every answer."""
    rotates: bool = True
    busy: bool = False
    asked: list[dict[str, str]] = field(default_factory=list)
    exchanged: list[tuple[dict[str, str], Mapping[str, str]]] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)
    live: dict[str, str] = field(default_factory=dict)
    """Token -> the company it reaches."""
    chosen: str = ""

    def app(self) -> Starlette:
        """Its endpoints, each under its original path."""
        return Starlette(
            routes=[
                Route("/connect", self._consent),
                Route("/token", self._token, methods=["POST"]),
                Route("/revoke", self._revoke, methods=["POST"]),
                Route("/v3/company/{company}/info", self._info),
            ]
        )

    async def _consent(self, request: Request) -> Response:
        self.asked.append(dict(request.query_params))
        code = uuid4().hex
        self.live[code] = self.chosen
        brought = {"code": code, "state": request.query_params["state"], "realm": self.chosen}
        query = urlencode(brought | self.redirect)
        return RedirectResponse(f"{request.query_params['redirect_uri']}?{query}", 302)

    async def _token(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Basic {BASIC}":
            return JSONResponse({"error": "invalid_client"}, 401)
        sent = dict(parse_qsl((await request.body()).decode()))
        self.exchanged.append((sent, request.headers))
        former = sent.get("code") or sent.get("refresh_token", "")
        company = self.live.get(former)
        if company is None:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if "code" in sent:
            # A new consent is the only one of its company from now.
            self.live = {k: v for k, v in self.live.items() if v != company}
        keeps = not self.rotates and "refresh_token" in sent
        access, refresh = f"a-{uuid4().hex}", former if keeps else f"r-{uuid4().hex}"
        self.live |= {access: company, refresh: company}
        made = {"access_token": access, "refresh_token": refresh, "expires_in": "600"}
        return JSONResponse({"token_type": "bearer", **made, **self.answer})

    async def _revoke(self, request: Request) -> Response:
        token = json.loads(await request.body())["token"]
        if request.headers.get("authorization") != f"Basic {BASIC}" or token not in self.live:
            return JSONResponse({"error": "invalid_request"}, 400)
        self.revoked.append(token)
        company = self.live[token]
        self.live = {k: v for k, v in self.live.items() if v != company}
        return Response()

    async def _info(self, request: Request) -> Response:
        if self.busy:
            return JSONResponse({"error": "busy"}, 503)
        carried = (request.headers.get("x-brook-key"), request.headers.get("x-brook-version"))
        if carried != ("sandbox", "v3") or request.query_params.get("minor") != "75":
            return JSONResponse({"error": "not as calls are made"}, 400)
        company = request.path_params["company"]
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.live.get(token) != company:
            return Response("<Fault>not yours</Fault>", 401, media_type="text/xml")
        return JSONResponse({"Info": {"Name": self.names.get(company, "")}})
