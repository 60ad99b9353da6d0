"""A Xero client that knows the dossier alone: it calls, and checks every answer."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import uuid4

import httpx

from tests.services.sandbox.server import Json, Sandbox
from tests.services.sandbox.xero import vendor
from tests.services.sandbox.xero.oauth import SCOPES, sign_in

QUIET = {"summarizeErrors": "false"}


def parse(text: str) -> Any:
    """JSON with decimal numbers kept exact."""
    return json.loads(text, parse_float=Decimal)


@contextmanager
def connect(sandbox: Sandbox, scope: str = SCOPES, **company: Any) -> Iterator["XeroClient"]:
    """A client of a new company."""
    made = sandbox.company(**company)
    token = sign_in(sandbox, scope)
    yield XeroClient(sandbox, made["id"], token)


@dataclass
class XeroClient:
    """Token and tenant of one connection."""

    sandbox: Sandbox
    tenant: str
    token: Json

    def headers(self) -> dict[str, str]:
        """What every accounting call carries."""
        return {
            "Authorization": f"Bearer {self.token['access_token']}",
            "xero-tenant-id": self.tenant,
            "Accept": "application/json",
        }

    def send(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        """One call as it is, nothing checked."""
        headers = self.headers() | kwargs.pop("headers", {})
        url = f"{self.sandbox.root}/api.xro/2.0{path}"
        if "json" in kwargs:
            kwargs["content"] = json.dumps(kwargs.pop("json"), default=_number)
            headers = {"Content-Type": "application/json"} | headers
        return self.sandbox.raw.request(method, url, headers=headers, **kwargs)

    def call(self, method: str, path: str, expect: int = 200, **kwargs: Any) -> Any:
        """One call, its status and the shape of its JSON checked."""
        answer = self.send(method, path, **kwargs)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        if not answer.content or "json" not in answer.headers.get("content-type", ""):
            return answer.content
        body = parse(answer.text)
        summary = str((kwargs.get("params") or {}).get("summaryOnly")) == "true"
        vendor.check(method, path, answer.status_code, body, summary=summary)
        return body

    def get(self, path: str, **params: Any) -> Any:
        """A checked GET."""
        return self.call("GET", path, params=params)

    def records(self, resource: str, **params: Any) -> list[Json]:
        """The elements of a list."""
        found: list[Json] = self.get(f"/{resource}", **params)[resource]
        return found

    def read(self, resource: str, key: str) -> Json:
        """One record."""
        found: list[Json] = self.get(f"/{resource}/{key}")[resource]
        assert len(found) == 1
        return found[0]

    def bulk(
        self, resource: str, records: list[Json], method: str = "PUT", **params: str
    ) -> list[Json]:
        """A bulk write with a result per element."""
        body = {resource: records}
        answer = self.call(method, f"/{resource}", json=body, params=QUIET | params)
        elements: list[Json] = answer[resource]
        return elements

    def create(self, resource: str, record: Json, method: str = "PUT", **params: str) -> Json:
        """One record written without a complaint."""
        [element] = self.bulk(resource, [record], method, **params)
        assert not errors(element), errors(element)
        assert element.get("StatusAttributeString") in ("OK", None)
        return element

    def update(self, resource: str, key: str, changes: Json) -> Json:
        """`POST /<resource>/{id}` with the bare changes."""
        found: list[Json] = self.call("POST", f"/{resource}/{key}", json=changes)[resource]
        return found[0]

    def refuse(self, method: str, path: str, body: Any, text: str, **kwargs: Any) -> Json:
        """A write answered 400 / ErrorNumber 10 with a message that contains `text`."""
        error: Json = self.call(method, path, 400, json=body, **kwargs)
        assert (error["ErrorNumber"], error["Type"]) == (10, "ValidationException"), error
        assert error["Message"] == "A validation exception occurred"
        told = [message for element in error["Elements"] for message in errors(element)]
        assert any(text.lower() in message.lower() for message in told), told
        return error

    @cached_property
    def accounts(self) -> list[Json]:
        """The chart of accounts."""
        return self.records("Accounts")

    def account(self, **wanted: str) -> Json:
        """The first active account with these fields, one with a code before one without."""
        fitting = [
            a for a in self.accounts if a["Status"] == "ACTIVE" and wanted.items() <= a.items()
        ]
        assert fitting, f"no account is seeded with {wanted}"
        return min(fitting, key=lambda a: (not a.get("Code"), bool(a.get("SystemAccount"))))

    @cached_property
    def income(self) -> str:
        """The code of an income account."""
        code: str = self.account(Class="REVENUE")["Code"]
        return code

    @cached_property
    def expense(self) -> str:
        """The code of an expense account."""
        code: str = self.account(Class="EXPENSE")["Code"]
        return code

    @cached_property
    def bank(self) -> Json:
        """A reference to a bank account."""
        return {"AccountID": self.account(Type="BANK")["AccountID"]}

    @cached_property
    def rates(self) -> list[Json]:
        """The tax rates."""
        return self.records("TaxRates")

    def rate(self, *, zero: bool = False, field: str = "CanApplyToRevenue") -> Json:
        """An active tax rate, above zero or zero."""
        fitting = [
            r
            for r in self.rates
            if r["Status"] == "ACTIVE" and r[field] and (r["EffectiveRate"] == 0) == zero
        ]
        assert fitting, "no such tax rate is seeded"
        return fitting[0]

    def contact(self, **fields: Any) -> Json:
        """A new contact."""
        return self.create("Contacts", {"Name": unique("Rata Cafe")} | fields)

    def line(self, amount: Any = 100, **fields: Any) -> Json:
        """A line of an invoice, taxed."""
        return {
            "Description": "Flyers",
            "Quantity": 1,
            "UnitAmount": amount,
            "AccountCode": self.income,
            "TaxType": self.rate()["TaxType"],
        } | fields

    def sale(self, **fields: Any) -> Json:
        """The body of an approved sales invoice over 100 and tax."""
        return {
            "Type": "ACCREC",
            "Contact": {"Name": unique("Rata Cafe")},
            "Date": "2026-09-01",
            "DueDate": "2026-09-15",
            "Status": "AUTHORISED",
            "LineItems": [self.line()],
        } | fields

    def bill(self, **fields: Any) -> Json:
        """The body of an approved bill over 100 and tax."""
        rate = self.rate(field="CanApplyToExpenses")["TaxType"]
        line = self.line(AccountCode=self.expense, TaxType=rate)
        return self.sale() | {"Type": "ACCPAY", "LineItems": [line]} | fields

    def credit(self, **fields: Any) -> Json:
        """The body of an approved credit note over 100 and tax."""
        sale = self.sale()
        del sale["DueDate"]
        return sale | {"Type": "ACCRECCREDIT"} | fields

    def invoice(self, **fields: Any) -> Json:
        """A new approved sales invoice."""
        return self.create("Invoices", self.sale(**fields))

    def untaxed(self, amount: Any = 100, **fields: Any) -> Json:
        """A new approved sales invoice over exactly this amount."""
        bare = {"LineAmountTypes": "NoTax", "LineItems": [self.plain(amount)]}
        return self.invoice(**bare | fields)

    def plain(self, amount: Any = 100, **fields: Any) -> Json:
        """A line without a tax type."""
        line = self.line(amount, **fields)
        del line["TaxType"]
        return line

    def payment(self, invoice: Json, amount: Any, **fields: Any) -> Json:
        """The body of a payment."""
        return {
            "Invoice": {"InvoiceID": invoice["InvoiceID"]},
            "Account": self.bank,
            "Date": "2026-09-10",
            "Amount": amount,
        } | fields

    def pay(self, invoice: Json, amount: Any, **fields: Any) -> Json:
        """A new payment of an invoice."""
        return self.create("Payments", self.payment(invoice, amount, **fields))


def errors(element: Json) -> list[str]:
    """The validation messages of one element."""
    return [error["Message"] for error in element.get("ValidationErrors") or []]


def unique(word: str) -> str:
    """A name nobody else has."""
    return f"{word} {uuid4().hex[:10]}"


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(type(value).__name__)
