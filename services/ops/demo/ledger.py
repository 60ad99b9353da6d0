"""The other side: a company's books at the sandbox, its bookkeeper, its log and its faults."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

import httpx

from libs.devstack.process import DevstackError

Record = dict[str, Any]
Documents = Mapping[str, list[Record]]


@dataclass(frozen=True, slots=True)
class Ledger:
    """One simulated company; every call raises DevstackError with the sandbox's sentence."""

    http: httpx.AsyncClient
    control: str
    company: str

    @classmethod
    async def made(cls, http: httpx.AsyncClient, sandbox: str, wanted: Record) -> Self:
        """A company of its own, with a fresh chart of accounts."""
        control = f"{sandbox}/_control/xero"
        answer = await _asked(http, "POST", f"{control}/companies", json=wanted)
        return cls(http, control, answer["id"])

    @property
    def page(self) -> str:
        """The books for people."""
        return f"{self.control}/companies/{self.company}"

    async def documents(self) -> Documents:
        """Every record as the vendor's API shows it, by resource."""
        return dict(await _asked(self.http, "GET", f"{self.page}/documents"))

    async def invoice(self, record: str) -> Record:
        """One invoice by the vendor's id."""
        found = (await self.documents())["Invoices"]
        return next(one for one in found if one["InvoiceID"] == record)

    async def journal(self, document: str) -> list[Record]:
        """What one document has posted."""
        found = await _asked(
            self.http, "GET", f"{self.page}/journal", params={"document": document}
        )
        return list(found["entries"])

    async def act(self, **action: Any) -> Record:
        """The bookkeeper does something in the vendor's own pages; the record as it is then."""
        return dict(await _asked(self.http, "POST", f"{self.page}/bookkeeper", json=action))

    async def requests(self, since: int = 0) -> list[Record]:
        """What this company's API was asked after request number `since`."""
        params: dict[str, str | int] = {"company": self.company, "since": since}
        return list(await _asked(self.http, "GET", f"{self.control}/requests", params=params))

    async def last_request(self) -> int:
        """The number of the newest one."""
        return max((row["seq"] for row in await self.requests()), default=0)

    async def arm(self, fault: str, **more: Any) -> None:
        """Make the vendor misbehave once."""
        await _asked(self.http, "POST", f"{self.control}/faults", json={"fault": fault, **more})


async def _asked(http: httpx.AsyncClient, method: str, url: str, **more: Any) -> Any:
    try:
        answer = await http.request(method, url, **more)
    except httpx.HTTPError as error:
        raise DevstackError(f"The sandbox does not answer ({type(error).__name__}).") from None
    # Money stays a decimal: a float would be compared to the cent with luck only.
    found = json.loads(answer.content or b"null", parse_float=Decimal)
    if not answer.is_success:
        raise DevstackError(f"The sandbox answered {answer.status_code}: {found}")
    return found
