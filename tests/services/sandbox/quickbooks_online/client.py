"""A QuickBooks client that knows the dossier alone: it calls, and checks every answer."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
from defusedxml.ElementTree import fromstring

from tests.services.sandbox.quickbooks_online import vendor
from tests.services.sandbox.quickbooks_online.oauth import sign_in
from tests.services.sandbox.server import Json, Sandbox

MINOR = {"minorversion": "75"}


def parse(text: str) -> Any:
    """JSON with decimal numbers kept exact."""
    return json.loads(text, parse_float=Decimal)


def unique(name: str) -> str:
    """A name nobody has."""
    return f"{name} {uuid4().hex[:8]}"


def connect(sandbox: Sandbox, **company: Any) -> "Qbo":
    """A client of a new company."""
    wanted = {"name": unique("Cedar Ridge"), "country": "US"} | company
    made = sandbox.control("POST", "/companies", wanted)
    return Qbo(sandbox, made["id"], sign_in(sandbox, made["id"]))


def default(value: object) -> str:
    """Decimals travel as text in the tests' own requests."""
    return str(value)


@dataclass
class Qbo:
    """Token and realm of one connection."""

    sandbox: Sandbox
    realm: str
    token: Json

    def send(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        """One call as it is, nothing checked."""
        headers = {
            "Authorization": f"Bearer {self.token['access_token']}",
            "Accept": "application/json",
        } | kwargs.pop("headers", {})
        url = f"{self.sandbox.root}/v3/company/{self.realm}{path}"
        if "json" in kwargs:
            kwargs["content"] = json.dumps(kwargs.pop("json"), default=default)
            headers = {"Content-Type": "application/json"} | headers
        params = MINOR | kwargs.pop("params", {})
        return self.sandbox.raw.request(method, url, headers=headers, params=params, **kwargs)

    def call(self, method: str, path: str, **kwargs: Any) -> Any:
        """One call that must succeed: HTTP 200, and a shape the vendor's XSD knows."""
        answer = self.send(method, path, **kwargs)
        assert answer.status_code == 200, f"{method} {path}: {answer.status_code} {answer.text}"
        body = parse(answer.text)
        vendor.check(body)
        return body

    def post(self, entity: str, wire: Json, **params: str) -> Json:
        """Write one object."""
        body = self.call("POST", f"/{entity.lower()}", json=wire, params=params)
        assert set(body) == {entity, "time"}
        made: Json = body[entity]
        return made

    def refused(self, entity: str, wire: Json, **params: str) -> Json:
        """The `Error` of a write that must be refused."""
        answer = self.send("POST", f"/{entity.lower()}", json=wire, params=params)
        return fault(answer)

    def read(self, entity: str, id_: str, **params: str) -> Json:
        """Read one object."""
        found: Json = self.call("GET", f"/{entity.lower()}/{id_}", params=params)[entity]
        return found

    def query(self, text: str) -> Json:
        """The QueryResponse of a query."""
        found: Json = self.call("GET", "/query", params={"query": text})["QueryResponse"]
        return found

    def rows(self, text: str) -> list[Json]:
        """The objects of a query of one entity."""
        found = self.query(text)
        return next((value for value in found.values() if isinstance(value, list)), [])

    def bad_query(self, text: str) -> Json:
        """The `Error` of a query that must be refused."""
        return fault(self.send("GET", "/query", params={"query": text}))

    def customer(self, **fields: Any) -> Json:
        """A customer."""
        wire: Json = {"DisplayName": unique("Blue Heron")}
        if self.home != "USD":
            wire["CurrencyRef"] = {"value": self.home}
        return self.post("Customer", wire | fields)

    def vendor(self, **fields: Any) -> Json:
        """A vendor."""
        return self.post("Vendor", {"DisplayName": unique("Acme Supply")} | fields)

    @property
    def home(self) -> str:
        """The home currency."""
        companies = self.sandbox.control("GET", "/companies")
        return str(next(c["currency"] for c in companies if c["id"] == self.realm))

    def ref(self, entity: str, **known: str) -> Json:
        """A reference to the first object that fits."""
        where = " AND ".join(f"{key} = '{value}'" for key, value in known.items())
        row = self.rows(f"select * from {entity}" + (f" where {where}" if where else ""))[0]
        return {"value": row["Id"]}

    def line(self, amount: Any = 100, tax: str = "NON", **detail: Any) -> Json:
        """A sales line of the service item."""
        whole = {"ItemRef": self.ref("Item", Name="Services"), "TaxCodeRef": {"value": tax}}
        return {
            "DetailType": "SalesItemLineDetail",
            "Amount": amount,
            "SalesItemLineDetail": whole | detail,
        }

    def sale(self, *amounts: Any, **fields: Any) -> Json:
        """The body of an invoice."""
        lines = [self.line(amount) for amount in amounts or (100,)]
        wire: Json = {"TxnDate": "2026-03-01", "Line": lines} | fields
        if "CustomerRef" not in wire:
            wire["CustomerRef"] = {"value": self.customer()["Id"]}
        return wire

    def invoice(self, *amounts: Any, **fields: Any) -> Json:
        """An invoice."""
        return self.post("Invoice", self.sale(*amounts, **fields))

    def pay(self, *invoices: Json, amount: Any = None, **fields: Any) -> Json:
        """A payment of these invoices, in full unless told otherwise."""
        lines = [applied(one, amount or one["Balance"]) for one in invoices]
        total = sum((Decimal(str(line["Amount"])) for line in lines), Decimal(0))
        wire = {
            "CustomerRef": {"value": invoices[0]["CustomerRef"]["value"]},
            "TotalAmt": total,
            "TxnDate": "2026-03-09",
            "Line": lines,
        }
        return self.post("Payment", wire | fields)

    def void_payment(self, payment: Json, entity: str = "Payment") -> Json:
        """Void by update."""
        return self.post(
            entity, token_of(payment) | {"sparse": True}, operation="update", include="void"
        )

    def balanced(self) -> None:
        """The trial balance balances."""
        trial = self.sandbox.control("GET", f"/companies/{self.realm}/trial-balance")
        assert Decimal(trial["debit"]) == Decimal(trial["credit"])

    def ledger(self, name: str) -> Decimal:
        """Debit less credit of an account."""
        trial = self.sandbox.control("GET", f"/companies/{self.realm}/trial-balance")
        rows = [row for row in trial["accounts"] if row["name"] == name]
        return sum((Decimal(r["debit"]) - Decimal(r["credit"]) for r in rows), Decimal(0))

    def person(self, do: str, **fields: Any) -> Json:
        """Act as the bookkeeper."""
        return self.sandbox.bookkeeper(self.realm, do, **fields)

    def settings(self, **changes: Any) -> Json:
        """Plan, habits and preferences."""
        return self.person("settings", changes=changes)


def token_of(row: Json) -> Json:
    """Id and SyncToken."""
    return {"Id": row["Id"], "SyncToken": row["SyncToken"]}


def applied(row: Json, amount: Any, sort: str = "Invoice") -> Json:
    """A payment's line."""
    return {"Amount": amount, "LinkedTxn": [{"TxnId": row["Id"], "TxnType": sort}]}


def fault(answer: httpx.Response, status: int = 400) -> Json:
    """The one `Error` of an upper-case fault."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text[:400]}"
    body = answer.json()
    assert set(body) == {"Fault", "time"}
    [error] = body["Fault"]["Error"]
    assert set(error) == {"Message", "Detail", "code", "element"}
    assert error["code"].isdigit()
    found: Json = error
    return found


def xml(content: bytes, *path: str) -> Any:
    """An element of the XML form."""
    space = {"q": "http://schema.intuit.com/finance/v3"}
    found: Any = fromstring(content)
    for step in path:
        found = found.find(f"q:{step}", space)
    return found
