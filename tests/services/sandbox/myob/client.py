"""A MYOB client that knows the dossier alone: it calls, and checks every answer."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import uuid4

import httpx

from tests.services.sandbox.myob.oauth import SCOPES, sign_in
from tests.services.sandbox.server import Json, Sandbox

ERROR = {"Name", "Message", "AdditionalDetails", "ErrorCode", "Severity", "LearnMore"}
QUIET = {"returnBody": "true", "generateUris": "false"}
DAY = "2026-09-01T00:00:00"


def parse(text: str) -> Any:
    """JSON with decimal numbers kept exact."""
    return json.loads(text, parse_float=Decimal)


def unique(word: str) -> str:
    """A name nobody else has."""
    return f"{word} {uuid4().hex[:10]}"


@contextmanager
def connect(
    sandbox: Sandbox, scope: str = SCOPES, currency: str = "AUD", **company: Any
) -> Iterator["MyobClient"]:
    """A client of a new company file."""
    made = sandbox.company(
        currency=currency, country="NZ" if currency == "NZD" else "AU", **company
    )
    yield MyobClient(sandbox, made["id"], sign_in(sandbox, made["id"], scope))


@dataclass
class MyobClient:
    """Token and company file of one connection."""

    sandbox: Sandbox
    company: str
    token: Json

    def headers(self) -> dict[str, str]:
        """What every call carries."""
        return {
            "Authorization": f"Bearer {self.token['access_token']}",
            "x-myobapi-key": "sandbox",
            "x-myobapi-version": "v2",
            "Accept": "application/json",
        }

    def url(self, path: str) -> str:
        """Below the company file."""
        return f"{self.sandbox.root}/accountright/{self.company}{path}"

    def send(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        """One call as it is, nothing checked."""
        headers = self.headers() | kwargs.pop("headers", {})
        if "json" in kwargs:
            kwargs["content"] = json.dumps(kwargs.pop("json"), default=_number)
            headers = {"Content-Type": "application/json"} | headers
        return self.sandbox.raw.request(method, self.url(path), headers=headers, **kwargs)

    def call(self, method: str, path: str, expect: int = 200, **kwargs: Any) -> Any:
        """One call, its status checked; the JSON of its body, None when it has none."""
        answer = self.send(method, path, **kwargs)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        return parse(answer.text) if answer.content else None

    def items(self, path: str, **params: Any) -> list[Json]:
        """The records of one page of a collection."""
        found = self.call("GET", path, params=params)
        assert set(found) == {"Items", "NextPageLink", "Count"}
        records: list[Json] = found["Items"]
        return records

    def read(self, path: str, record: Json | str) -> Json:
        """One record."""
        uid = record if isinstance(record, str) else record["UID"]
        found: Json = self.call("GET", f"{path}/{uid}")
        return found

    def create(self, path: str, record: Json, **params: str) -> Json:
        """One record written without a complaint."""
        made: Json = self.call("POST", path, 201, json=record, params=QUIET | params)
        return made

    def update(self, path: str, record: Json, **changes: Any) -> Json:
        """Read, merge, PUT: as a full replace wants it."""
        whole = self.read(path, record) | changes
        done: Json = self.call("PUT", f"{path}/{whole['UID']}", json=whole, params=QUIET)
        return done

    def delete(self, path: str, record: Json) -> None:
        """Gone: 200 and an empty body."""
        assert self.call("DELETE", f"{path}/{record['UID']}") is None

    def refuse(
        self,
        method: str,
        path: str,
        body: Any,
        name: str,
        code: int | None = None,
        status: int = 400,
    ) -> Json:
        """A call answered with an error of this name (and code)."""
        answer = self.call(method, path, status, json=body, params=QUIET)
        assert set(answer) == {"Errors", "Information"}
        assert all(set(error) == ERROR for error in answer["Errors"])
        found = [error for error in answer["Errors"] if error["Name"] == name]
        assert found, answer
        assert code is None or found[0]["ErrorCode"] == code, found
        first: Json = found[0]
        return first

    def do(self, what: str, **fields: Any) -> Json:
        """Act as a person in MYOB."""
        return self.sandbox.bookkeeper(self.company, what, **fields)

    def habit(self, **changes: Any) -> None:
        """Switch what the dossier calls UNCONFIRMED."""
        self.do("habits", changes=changes)

    def account(self, type_: str, at: int = 0) -> Json:
        """A reference to a seeded account of this type."""
        fitting = [a for a in self.accounts if a["Type"] == type_ and not a["IsHeader"]]
        return {"UID": fitting[at]["UID"]}

    @cached_property
    def accounts(self) -> list[Json]:
        """The chart of accounts."""
        return self.items("/GeneralLedger/Account")

    @cached_property
    def codes(self) -> dict[str, Json]:
        """Tax codes by code."""
        return {one["Code"]: one for one in self.items("/GeneralLedger/TaxCode")}

    @property
    def taxed(self) -> Json:
        """A reference to the 10 % tax code."""
        return {"UID": self.codes["GST"]["UID"]}

    @property
    def free(self) -> Json:
        """A reference to the tax code of nothing."""
        return {"UID": self.codes["FRE"]["UID"]}

    def card(self, details: str = "SellingDetails", **fields: Any) -> Json:
        """The body of a card."""
        return {
            "CompanyName": unique("Rata Cafe"),
            "IsIndividual": False,
            details: {"TaxCode": self.taxed, "FreightTaxCode": self.taxed},
        } | fields

    def customer(self, **fields: Any) -> Json:
        """A new customer."""
        return self.create("/Contact/Customer", self.card(**fields))

    def supplier(self, **fields: Any) -> Json:
        """A new supplier."""
        return self.create("/Contact/Supplier", self.card("BuyingDetails", **fields))

    def item(self, **fields: Any) -> Json:
        """A new item that is sold and bought."""
        record = {
            "Number": unique("I"),
            "Name": "Cards",
            "IsSold": True,
            "IsBought": True,
            "IncomeAccount": self.account("Income"),
            "ExpenseAccount": self.account("Expense"),
            "SellingDetails": {"BaseSellingPrice": 12.5, "TaxCode": self.taxed},
            "BuyingDetails": {"StandardCost": 5, "TaxCode": self.taxed},
        }
        return self.create("/Inventory/Item", record | fields)

    def line(self, total: Any = 100, **fields: Any) -> Json:
        """A service line, taxed."""
        return {
            "Type": "Transaction",
            "Description": "Flyers",
            "Total": total,
            "Account": self.account("Income"),
            "TaxCode": self.taxed,
        } | fields

    def sale(self, total: Any = 100, **fields: Any) -> Json:
        """The body of a service invoice over this and 10 % tax."""
        body = {
            "Date": DAY,
            "IsTaxInclusive": False,
            "Terms": {"PaymentIsDue": "InAGivenNumberOfDays", "BalanceDueDate": 14},
            "Lines": [self.line(total)],
        } | fields
        if "Customer" not in body:
            body["Customer"] = {"UID": self.customer()["UID"]}
        return body

    def invoice(self, total: Any = 100, **fields: Any) -> Json:
        """A new service invoice."""
        return self.create("/Sale/Invoice/Service", self.sale(total, **fields))

    def untaxed(self, total: Any = 100, **fields: Any) -> Json:
        """A new service invoice over exactly this."""
        lines = [self.line(total, TaxCode=self.free)]
        return self.invoice(total, **{"Lines": lines} | fields)

    def purchase(self, total: Any = 100, **fields: Any) -> Json:
        """The body of a service bill free of tax."""
        line = self.line(total, Account=self.account("Expense"), TaxCode=self.free)
        body = {"Date": DAY, "IsTaxInclusive": False, "Lines": [line]} | fields
        if "Supplier" not in body:
            body["Supplier"] = {"UID": self.supplier()["UID"]}
        return body

    def bill(self, total: Any = 100, **fields: Any) -> Json:
        """A new service bill."""
        return self.create("/Purchase/Bill/Service", self.purchase(total, **fields))

    def payment(self, *invoices: tuple[Json, Any], **fields: Any) -> Json:
        """The body of a payment over these (invoice, amount)."""
        return {
            "DepositTo": "Account",
            "Account": self.account("Bank"),
            "Customer": {"UID": invoices[0][0]["Customer"]["UID"]},
            "Date": "2026-09-10T00:00:00",
            "Invoices": [
                {"UID": invoice["UID"], "AmountApplied": amount, "Type": "Invoice"}
                for invoice, amount in invoices
            ],
        } | fields

    def pay(self, invoice: Json, amount: Any, **fields: Any) -> Json:
        """A new payment of one invoice."""
        return self.create("/Sale/CustomerPayment", self.payment((invoice, amount), **fields))

    def due(self, invoice: Json) -> Any:
        """What an invoice has left."""
        return self.read("/Sale/Invoice/Service", invoice)["BalanceDueAmount"]


def ref(record: Json) -> Json:
    """`{"UID": …}`."""
    return {"UID": record["UID"]}


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(type(value).__name__)
