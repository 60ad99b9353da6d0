"""What other services call, each with its signed service token."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any

import asyncpg
from fastapi import APIRouter, Depends, HTTPException, Query, Response
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.messages import Connection
from libs.service.tokens import Caller
from services.auth.connections import message
from services.auth.errors import GrantDead, Misconfigured, VendorDown
from services.auth.parts import Parts, parts

CallerCheck = Callable[..., Awaitable[Caller]]
TheParts = Annotated[Parts, Depends(parts)]
Stale = Annotated[
    str | None,
    Query(pattern="^[0-9a-f]{64}$", description="SHA-256, hex, of an access token answered 401."),
]


class Wire(BaseModel):
    """A body of this API."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TokenWanted(Wire):
    connection: Annotated[str, Field(description="The connection's id.")]


class Token(Wire):
    access_token: str = Field(repr=False)
    expires_at: AwareDatetime
    company: Annotated[str, Field(description="The provider's id of the company.")]


class Refusal(Wire):
    reason: Annotated[str, Field(description="A sentence for a person.")]


class Start(Wire):
    starts_at: AwareDatetime


class Disconnected(Wire):
    connection: Connection
    released: Annotated[
        bool, Field(description="Whether the provider has let go of the company, too.")
    ]


ANSWERS: dict[int | str, dict[str, Any]] = {
    401: {"description": "No valid service token."},
    403: {"description": "Not for this caller: a connector sees its own provider alone."},
    404: {"description": "No such connection."},
}
REFUSED: dict[int | str, dict[str, Any]] = {
    409: {"model": Refusal, "description": "It cannot be; `reason` says why."},
}
DOWN: dict[int | str, dict[str, Any]] = {
    503: {"model": Refusal, "description": "The provider's token endpoint does not answer."},
}


def router(caller: CallerCheck) -> APIRouter:
    """The internal API; `caller` is the dependency that checks service tokens."""
    routes = APIRouter(prefix="/internal", tags=["internal"], responses=ANSWERS)
    _for_connectors(routes, caller)
    _for_operators(routes, caller)
    return routes


def _for_connectors(routes: APIRouter, caller: CallerCheck) -> None:
    Who = Annotated[Caller, Depends(caller)]  # noqa: N806 - a type

    @routes.post("/token", summary="An access token", responses={**REFUSED, **DOWN})
    async def token(
        wanted: TokenWanted, who: Who, the: TheParts, answer: Response, stale: Stale = None
    ) -> Token:
        """For a connector: a token of a connection of its own provider, good for a call now.

        After a 401 call again with `stale`; the token is renewed only if it is still that one.
        """
        row = await _connection(the, wanted.connection)
        if who.provider != row["provider"]:
            raise HTTPException(403, "A connector gets tokens of its own provider only.")
        answer.headers["Cache-Control"] = "no-store"
        return await _token(the, row, stale)

    @routes.get("/connections", summary="A tenant's connections")
    async def connections(who: Who, the: TheParts, tenant: str) -> Sequence[Connection]:
        """Closed ones too; a connector sees those of its own provider."""
        return await the.connections.listed(tenant, who.provider)


def _for_operators(routes: APIRouter, caller: CallerCheck) -> None:
    Who = Annotated[Caller, Depends(caller)]  # noqa: N806 - a type

    @routes.post("/connections/{connection}/disconnect", summary="Disconnect a company")
    async def disconnect(connection: str, who: Who, the: TheParts) -> Disconnected:
        """Closes the connection in any case; may be repeated.

        The grant is revoked, and its tokens are erased, with the last connection that uses it.
        """
        _only_operators(who)
        released = await the.ending.disconnect(await _connection(the, connection))
        return Disconnected(
            connection=message(await _connection(the, connection)), released=released
        )

    @routes.post(
        "/connections/{connection}/start", summary="Move the start earlier", responses=REFUSED
    )
    async def start(connection: str, body: Start, who: Who, the: TheParts) -> Connection:
        """Documents made from the new moment on are sent, too."""
        _only_operators(who)
        row = await _connection(the, connection)
        moved = await the.connections.move_start(row["id"], body.starts_at)
        if moved is None:
            raise Refused(409, "It is closed, or does not begin later than that.")
        return moved


class Refused(Exception):
    """Answered as `Refusal`."""

    def __init__(self, status: int, reason: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.headers = headers


async def refused(_: object, error: Exception) -> Response:
    """The answer to `Refused`."""
    assert isinstance(error, Refused)
    return JSONResponse({"reason": str(error)}, error.status, error.headers)


async def _connection(the: Parts, connection: str) -> asyncpg.Record:
    row = await the.connections.read(connection)
    if row is None:
        raise HTTPException(404, "There is no such connection.")
    return row


async def _token(the: Parts, row: asyncpg.Record, stale: str | None) -> Token:
    if row["state"] != "open":
        raise Refused(409, row["reason"])
    try:
        token = await the.keys.access(row["grant_id"], stale=stale)
    except GrantDead as error:
        raise Refused(409, str(error)) from None
    except (VendorDown, Misconfigured) as error:
        raise Refused(503, str(error), {"Retry-After": "1"}) from None
    return Token(access_token=token.value, expires_at=token.expires_at, company=row["company"])


def _only_operators(who: Caller) -> None:
    if who.provider is not None:
        raise HTTPException(403, "A connector does not change connections.")
