"""One company's HTTP: its token, its limits, and what each kind of answer means for a write."""

import asyncio
import math
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

import httpx

from contracts.provider import Provider
from libs.connector.connections import Account
from libs.connector.credentials import AccessToken, Credentials
from libs.connector.errors import (
    Disconnected,
    NotReady,
    RateLimited,
    SyncError,
    Unavailable,
    Uncertain,
)
from libs.connector.figures import Figures
from libs.connector.interface import Answer, Request
from libs.connector.limits import Limiter
from libs.service.origins import Origins

NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
UNCLEAR = (httpx.codes.REQUEST_TIMEOUT,)
JSON = {"Accept": "application/json", "Content-Type": "application/json"}
DEFAULT_WAIT = 60.0


@dataclass(frozen=True, slots=True)
class LedgerSession:
    """Reads and writes of one company; implements `interface.Session`."""

    account: Account
    provider: Provider
    base_url: str
    http: httpx.AsyncClient
    credentials: Credentials
    limiter: Limiter
    gate: AbstractAsyncContextManager[object]
    figures: Figures

    async def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """See Session.get: 2xx and 404 come back, the rest is an error of the tree."""
        wanted = Request("GET", path, tuple((params or {}).items()), b"", _pairs(headers))
        await self.limiter.take(self.account.id)
        answer = await self._call(wanted, {}, Unavailable)
        if answer.status in (httpx.codes.OK, httpx.codes.NOT_FOUND, httpx.codes.NOT_MODIFIED):
            return answer
        raise Unavailable(f"{self.provider.name} answered {answer.status} to a read of {path}.")

    async def reserve(self) -> None:
        """Take the call a write needs out of the limits, before its intent is committed.

        Raises RateLimited, Disconnected or Unavailable: then nothing is under way.
        """
        await self.credentials.token(self.account.id)
        await self.limiter.take(self.account.id)

    async def send(self, request: Request, key: str, leave_by: float) -> Answer:
        """Send a committed write, for which a call was reserved. 2xx and refusals (4xx) come back.

        After `leave_by` (monotonic seconds) nothing leaves any more: NotReady.

        Raises Uncertain where the ledger may have stored it, anything else where it has not.
        """
        header = self.provider.calls.idempotency_header
        more = {header: key} if header else {}
        answer = await self._call(request, more, Uncertain, leave_by)
        if answer.status in UNCLEAR or httpx.codes.is_redirect(answer.status):
            raise Uncertain(f"{self.provider.name} answered {answer.status}.", answered=True)
        return answer

    async def _call(
        self,
        request: Request,
        more: Mapping[str, str],
        unknown: type[SyncError],
        leave_by: float = math.inf,
    ) -> Answer:
        token = await self.credentials.token(self.account.id)
        answer = await self._once(request, more, token, unknown, leave_by)
        if answer.status == httpx.codes.UNAUTHORIZED:
            token = await self.credentials.token(self.account.id, refused=token)
            answer = await self._once(request, more, token, unknown, leave_by)
        await self._judge(answer, unknown)
        return answer

    async def _once(
        self,
        request: Request,
        more: Mapping[str, str],
        token: AccessToken,
        unknown: type[SyncError],
        leave_by: float,
    ) -> Answer:
        headers = {**JSON, **dict(request.headers), **more, **self._identity(token)}
        seconds = self.provider.calls.timeout.total_seconds()
        async with self.gate:
            if monotonic() > leave_by:
                # Its timeout would outlive the lease: another worker could meet it on its way.
                raise NotReady(())
            self.figures.calls.labels(request.method).inc()
            try:
                async with asyncio.timeout(seconds):
                    answer = await self.http.request(
                        request.method,
                        self.base_url + request.path,
                        params=list(request.params),
                        content=request.body or None,
                        headers=headers,
                        timeout=seconds,
                    )
            except NEVER_SENT as error:
                raise Unavailable(f"{self.provider.name} cannot be reached.") from error
            except (httpx.TransportError, TimeoutError) as error:
                raise unknown(f"{self.provider.name} did not answer in time.") from error
        found = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status_code, found, answer.content)

    def _identity(self, token: AccessToken) -> dict[str, str]:
        named = {"Authorization": f"Bearer {token.access_token.get_secret_value()}"}
        if self.provider.calls.company_header:
            named[self.provider.calls.company_header] = token.company
        return named

    async def _judge(self, answer: Answer, unknown: type[SyncError]) -> None:
        name = self.provider.name
        if answer.status >= httpx.codes.INTERNAL_SERVER_ERROR:
            sentence = f"{name} answered {answer.status}."
            raise Uncertain(sentence, answered=True) if unknown is Uncertain else unknown(sentence)
        if answer.status == httpx.codes.TOO_MANY_REQUESTS:
            await self._slow_down(answer)
        if answer.status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise Disconnected(
                f"{name} no longer lets us in ({answer.status}).",
                action="Connect the company again on the integrations page.",
            )

    async def _slow_down(self, answer: Answer) -> None:
        limits = self.provider.limits
        wait = answer.headers.get(limits.retry_after_header.lower(), "")
        problem = answer.headers.get((limits.problem_header or "").lower(), "")
        after = timedelta(seconds=float(wait) if wait.isdigit() else DEFAULT_WAIT)
        self.figures.refused.inc()
        await self.limiter.refused(self.account.id, after, problem)
        raise RateLimited(f"{self.provider.name} asks to wait.", after)


@dataclass(frozen=True, slots=True)
class Sessions:
    """Makes the sessions of one connector; those of one company share its concurrency."""

    provider: Provider
    origins: Origins
    http: httpx.AsyncClient
    credentials: Credentials
    limiter: Limiter
    figures: Figures
    gates: dict[str, asyncio.Semaphore] = field(default_factory=dict)

    async def session(self, account: Account) -> LedgerSession:
        """The session of a connection."""
        limits = self.provider.limits
        shared = "app" if limits.concurrency_scope == "app" else account.company_id
        gate = self.gates.setdefault(shared, asyncio.Semaphore(limits.concurrency))
        return LedgerSession(
            account,
            self.provider,
            self.origins.replace(self.provider.id, self.provider.calls.base_url),
            self.http,
            self.credentials,
            self.limiter,
            gate,
            self.figures,
        )


def _pairs(headers: Mapping[str, str] | None) -> tuple[tuple[str, str], ...]:
    return tuple((headers or {}).items())
