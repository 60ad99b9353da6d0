"""The simulated Plod Books' records and rules, from its invented documents (README.md)."""

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from services.sandbox.ledger import Ledger, Line

Wire = dict[str, Any]
CENT = Decimal("0.01")
AMOUNT = re.compile(r"-?\d+\.\d\d")
TAXES = {"V20": Decimal(20), "V0": Decimal(0)}
ACCOUNTS = {
    "1000": ("Bank", "bank"),
    "1100": ("Debtors", "receivable"),
    "2200": ("VAT", "liability"),
    "4000": ("Sales", "income"),
}
FIELDS: Mapping[str, Wire] = {
    "customers": {"name": "", "email": "", "street": "", "town": "", "postcode": "", "notes": ""},
    "places": {"customer": None, "street": "", "town": "", "postcode": ""},
    "products": {"code": "", "title": "", "price": "0.00"},
    "invoices": {
        "number": "",
        "customer": None,
        "date": "",
        "due": "",
        "status": "open",
        "memo": "",
        "lines": [],
    },
    "receipts": {"invoice": None, "date": "", "amount": "0.00", "account": ""},
}
USERS: Mapping[str, Sequence[tuple[str, str]]] = {
    "customers": [("invoices", "customer"), ("places", "customer")],
    "invoices": [("receipts", "invoice")],
}
"""Whose records keep one from being deleted, and by which field."""
LINE = {"product": None, "text": "", "quantity": "1", "price": "0.00", "tax": "", "account": ""}


class Refused(Exception):
    """The API's own refusal."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass
class Books:
    """One company; an update replaces the record and must name the version it replaces."""

    key: str
    title: str
    currency: str
    now: Callable[[], datetime]
    records: dict[str, dict[int, Wire]] = field(
        default_factory=lambda: {name: {} for name in FIELDS}
    )
    ledger: Ledger = field(default_factory=Ledger)
    ids: Any = field(default_factory=lambda: itertools.count(1001))
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def get(self, resource: str, id_: int) -> Wire:
        """One record as the API shows it."""
        if id_ not in self.records[resource]:
            raise Refused(404, "not_found", f"There is no {resource[:-1]} {id_}.")
        return self.shown(resource, self.records[resource][id_])

    def listed(self, resource: str) -> list[Wire]:
        """All live records, by the moment they changed."""
        found = sorted(self.records[resource].values(), key=lambda r: (r["changed"], r["id"]))
        return [self.shown(resource, record) for record in found]

    def add(self, resource: str, sent: Wire) -> Wire:
        """POST."""
        record = self._checked(resource, sent, None)
        if resource == "invoices" and not record["number"]:
            record["number"] = f"P-{next(self.numbers):04}"
        record |= {"id": next(self.ids), "version": 0}
        return self._stored(resource, record)

    def replace(self, resource: str, id_: int, sent: Wire) -> Wire:
        """PUT: what is not sent is emptied."""
        before = self.get(resource, id_)
        self._fresh(before, sent.pop("version", None))
        record = self._checked(resource, sent, before)
        record |= {"id": id_, "version": before["version"]}
        return self._stored(resource, record)

    def remove(self, resource: str, id_: int, version: object) -> None:
        """DELETE: the record is gone, and no list shows it."""
        record = self.get(resource, id_)
        self._fresh(record, version)
        for other, name in USERS.get(resource, ()):
            if any(one[name] == id_ for one in self.records[other].values()):
                raise Refused(422, "in_use", f"It has {other}.")
        self._post(resource, record, undo=True)
        del self.records[resource][id_]
        self._touch_invoice(resource, record)

    def shown(self, resource: str, record: Wire) -> Wire:
        """With what is derived."""
        if resource == "receipts":
            return {**record, "customer": self.records["invoices"][record["invoice"]]["customer"]}
        if resource != "invoices":
            return dict(record)
        gross, tax = _totals(record["lines"])
        if record["status"] == "void":
            gross = tax = Decimal(0)
        receipts = self.receipts(record["id"])
        paid = [Decimal(receipt["amount"]) for receipt in receipts]
        lines = [{"no": n, **line} for n, line in enumerate(record["lines"], 1)]
        left = gross - sum(paid, Decimal(0))
        money = {"total": f"{gross:.2f}", "tax_total": f"{tax:.2f}", "to_pay": f"{left:.2f}"}
        return {
            **record,
            "lines": lines,
            **money,
            "receipts": [r["id"] for r in self.receipts(record["id"])],
        }

    def receipts(self, invoice: int) -> list[Wire]:
        return [one for one in self.records["receipts"].values() if one["invoice"] == invoice]

    def _fresh(self, record: Wire, version: object) -> None:
        if str(version) != str(record["version"]):
            raise Refused(409, "stale_version", f"It has version {record['version']} by now.")

    def _checked(self, resource: str, sent: Wire, before: Wire | None) -> Wire:
        unknown = set(sent) - set(FIELDS[resource])
        if unknown:
            raise Refused(422, "unknown_field", f"There is no {sorted(unknown)}.")
        record = {**FIELDS[resource], **sent}
        rules = {
            "customers": self._check_customer,
            "places": self._check_place,
            "products": self._check_product,
            "invoices": self._check_invoice,
            "receipts": self._check_receipt,
        }
        rules[resource](record, before)
        return record

    def _check_customer(self, record: Wire, _: Wire | None) -> None:
        if not str(record["name"]).strip():
            raise Refused(422, "name_missing", "A customer needs a name.")

    def _check_place(self, record: Wire, before: Wire | None) -> None:
        self.get("customers", record["customer"] or 0)
        if before and before["customer"] != record["customer"]:
            raise Refused(422, "customer", "A place stays with its customer.")

    def _check_product(self, record: Wire, before: Wire | None) -> None:
        _amount(record["price"])
        others = [
            r for r in self.records["products"].values() if not before or r["id"] != before["id"]
        ]
        if any(one["code"] == record["code"] for one in others):
            raise Refused(422, "code_taken", f"There is a product {record['code']} already.")

    def _check_invoice(self, record: Wire, before: Wire | None) -> None:
        self.get("customers", record["customer"] or 0)
        record["lines"] = [self._line(line) for line in record["lines"]]
        date.fromisoformat(record["date"])
        if before and before["status"] == "void":
            raise Refused(422, "void", "A void invoice cannot be changed.")
        if record["status"] == "void" and before and before["receipts"]:
            raise Refused(422, "paid", "Delete its receipts first.")

    def _line(self, sent: Wire) -> Wire:
        line = {**LINE, **{k: v for k, v in sent.items() if k != "no"}}
        if set(line) != set(LINE) or line["tax"] not in TAXES or line["account"] not in ACCOUNTS:
            raise Refused(422, "line", f"A line has {sorted(LINE)}, a known tax and account.")
        _amount(line["price"])
        if line["product"] is not None:
            self.get("products", line["product"])
        return line

    def _check_receipt(self, record: Wire, before: Wire | None) -> None:
        open_ = Decimal(self.get("invoices", record["invoice"] or 0)["to_pay"])
        open_ += Decimal(before["amount"]) if before else 0
        if _amount(record["amount"]) > open_:
            raise Refused(422, "overpaid", f"Only {open_} is still to pay.")
        if ACCOUNTS.get(record["account"], ("", ""))[1] != "bank":
            raise Refused(422, "account", "A receipt goes to a bank account.")

    def _stored(self, resource: str, record: Wire) -> Wire:
        before = self.records[resource].get(record["id"])
        if before:
            self._post(resource, self.shown(resource, before), undo=True)
        record |= {"version": record["version"] + 1, "changed": self._changed()}
        self.records[resource][record["id"]] = record
        self._post(resource, self.shown(resource, record))
        self._touch_invoice(resource, record)
        return self.shown(resource, record)

    def _touch_invoice(self, resource: str, record: Wire) -> None:
        """A receipt moves its invoice: another version, another moment."""
        if resource == "receipts":
            invoice = self.records["invoices"][record["invoice"]]
            invoice |= {"version": invoice["version"] + 1, "changed": self._changed()}

    def _changed(self) -> str:
        return self.now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _post(self, resource: str, record: Wire, *, undo: bool = False) -> None:
        sign = -1 if undo else 1
        lines = {"invoices": _invoice_lines, "receipts": _receipt_lines}.get(resource)
        if lines:
            entry = [Line(account, sign * amount) for account, amount in lines(record)]
            self.ledger.post(self.now(), str(record["id"]), resource[:-1], entry)


def _invoice_lines(record: Wire) -> list[tuple[str, Decimal]]:
    gross, tax = Decimal(record["total"]), Decimal(record["tax_total"])
    return [("1100", gross), ("2200", -tax), ("4000", tax - gross)]


def _receipt_lines(record: Wire) -> list[tuple[str, Decimal]]:
    amount = Decimal(record["amount"])
    return [(record["account"], amount), ("1100", -amount)]


def _amount(text: object) -> Decimal:
    if not isinstance(text, str) or not AMOUNT.fullmatch(text):
        raise Refused(422, "amount", 'An amount is a text with two decimals, say "12.50".')
    return Decimal(text)


def _totals(lines: list[Wire]) -> tuple[Decimal, Decimal]:
    """Prices contain tax; it is rounded per line."""
    gross = tax = Decimal(0)
    for line in lines:
        try:
            exact = Decimal(line["quantity"]) * Decimal(line["price"])
        except InvalidOperation:
            raise Refused(422, "quantity", "A quantity is a number in a text.") from None
        amount = exact.quantize(CENT, ROUND_HALF_UP)
        rate = TAXES[line["tax"]]
        gross += amount
        tax += (amount * rate / (100 + rate)).quantize(CENT, ROUND_HALF_UP)
    return gross, tax
