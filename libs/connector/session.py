"""One company's HTTP: its token, its limits, and what each kind of answer means for a write."""

import asyncio
import math
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

import httpx

from contracts.provider import Provider
from libs.connector.connections import Account
from libs.connector.credentials import AccessToken, Credentials, app_key
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

Judge = Callable[[Answer], SyncError | None]


def unbiased(_: Answer) -> SyncError | None:
    """The judge where every status means what it says."""
    return None


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
    judge: Judge = unbiased
    app_key: str = ""

    @property
    def company(self) -> str:
        """The provider's id of the company, as it was connected: some tell it in no answer."""
        return self.account.company_id

    async def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """See Session.get: 2xx and 404 come back, the rest is an error of the tree."""
        wanted = Request("GET", path, tuple((params or {}).items()), b"", _pairs(headers))
        await self.limiter.take(self.account.id, path)
        answer = await self._call(wanted, "", Unavailable)
        if answer.status in (httpx.codes.OK, httpx.codes.NOT_FOUND, httpx.codes.NOT_MODIFIED):
            return answer
        raise Unavailable(f"{self.provider.name} answered {answer.status} to a read of {path}.")

    async def reserve(self, request: Request) -> None:
        """Take the call a write needs out of the limits, before its intent is committed.

        Raises RateLimited, Disconnected or Unavailable: then nothing is under way.
        """
        await self.credentials.token(self.account.id)
        await self.limiter.take(self.account.id, request.path)

    async def send(self, request: Request, key: str, leave_by: float) -> Answer:
        """Send a committed write, for which a call was reserved. 2xx and refusals (4xx) come back.

        After `leave_by` (monotonic seconds) nothing leaves any more: NotReady.

        Raises Uncertain where the ledger may have stored it, anything else where it has not.
        """
        answer = await self._call(request, key, Uncertain, leave_by)
        if answer.status in UNCLEAR or httpx.codes.is_redirect(answer.status):
            raise Uncertain(f"{self.provider.name} answered {answer.status}.", answered=True)
        return answer

    async def _call(
        self,
        request: Request,
        key: str,
        unknown: type[SyncError],
        leave_by: float = math.inf,
    ) -> Answer:
        token = await self.credentials.token(self.account.id)
        answer = await self._once(request, key, token, unknown, leave_by)
        if answer.status == httpx.codes.UNAUTHORIZED and self._may_be_the_token(answer):
            token = await self.credentials.token(self.account.id, refused=token)
            answer = await self._once(request, key, token, unknown, leave_by)
        if not httpx.codes.is_success(answer.status):
            await self._judge(answer, unknown)
        return answer

    def _may_be_the_token(self, answer: Answer) -> bool:
        return isinstance(self.judge(answer), Disconnected | None)

    async def _once(
        self,
        request: Request,
        key: str,
        token: AccessToken,
        unknown: type[SyncError],
        leave_by: float,
    ) -> Answer:
        headers = {**JSON, **self._headers(request, key), **self._identity(token)}
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
                        params=self._params(request, key),
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

    def _params(self, request: Request, key: str) -> tuple[tuple[str, str], ...]:
        calls = self.provider.calls
        named = {name for name, _ in request.params}
        every = [pair for pair in calls.params.items() if pair[0] not in named]
        keyed = [(calls.idempotency_param, key)] if key and calls.idempotency_param else []
        return (*request.params, *every, *keyed)

    def _headers(self, request: Request, key: str) -> dict[str, str]:
        calls = self.provider.calls
        keyed = {calls.idempotency_header: key} if key and calls.idempotency_header else {}
        return {**calls.every(self.app_key), **dict(request.headers), **keyed}

    def _identity(self, token: AccessToken) -> dict[str, str]:
        named = {"Authorization": f"Bearer {token.access_token.get_secret_value()}"}
        if self.provider.calls.company_header:
            named[self.provider.calls.company_header] = token.company
        return named

    async def _judge(self, answer: Answer, unknown: type[SyncError]) -> None:
        name = self.provider.name
        if (verdict := self.judge(answer)) is not None:
            if isinstance(verdict, RateLimited):
                await self._hold(verdict.after, "")
            raise verdict
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
        await self._hold(after, problem)
        raise RateLimited(f"{self.provider.name} asks to wait.", after)

    async def _hold(self, after: timedelta, problem: str) -> None:
        self.figures.refused.inc()
        await self.limiter.refused(self.account.id, after, problem)


@dataclass(frozen=True, slots=True)
class Sessions:
    """Makes the sessions of one connector; those of one company share its concurrency."""

    provider: Provider
    origins: Origins
    http: httpx.AsyncClient
    credentials: Credentials
    limiter: Limiter
    figures: Figures
    judge: Judge = unbiased
    gates: dict[str, asyncio.Semaphore] = field(default_factory=dict)

    async def session(self, account: Account) -> LedgerSession:
        """The session of a connection; Unavailable where our app's own id is not set."""
        limits, calls = self.provider.limits, self.provider.calls
        shared = "app" if limits.concurrency_scope == "app" else account.company_id
        gate = self.gates.setdefault(shared, asyncio.Semaphore(limits.concurrency))
        return LedgerSession(
            account,
            self.provider,
            self.origins.replace(self.provider.id, calls.url(account.company_id)),
            self.http,
            self.credentials,
            self.limiter,
            gate,
            self.figures,
            self.judge,
            app_key(self.provider.id, self.origins) if calls.app_key_header else "",
        )


def _pairs(headers: Mapping[str, str] | None) -> tuple[tuple[str, str], ...]:
    return tuple((headers or {}).items())
