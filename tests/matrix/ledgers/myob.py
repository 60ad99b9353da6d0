"""MYOB's books as its API shows them, and a bookkeeper at work in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from tests.flows.world import Json, World
from tests.matrix.ledger import NotOffered, Sold
from tests.matrix.ledgers.myob_lists import MyobLists
from tests.matrix.ledgers.myob_seen import (
    ACCOUNTS,
    BILLS,
    CUSTOMERS,
    INVOICES,
    PAYMENTS,
    QUANTITIES,
    TAX_CODES,
    Reading,
    named,
)
from tests.matrix.seen import ZERO, Books, amount

BANK, SALES, RECEIVABLE, UNTAXED = "Business Bank Account", "Sales", "Trade Debtors", "FRE"


@dataclass(slots=True)
class Myob(MyobLists):
    """See tests.matrix.ledger.Ledger."""

    world: World
    untaxed: ClassVar[Mapping[str, str]] = {"tax_code/0 %": UNTAXED}
    country: ClassVar[str] = "AU"
    currency: ClassVar[str] = "AUD"
    time_zone: ClassVar[str] = "Australia/Sydney"
    keeps_voided: ClassVar[frozenset[str]] = frozenset()
    voids_paid: ClassVar[bool] = False
    edits_paid: ClassVar[frozenset[str]] = frozenset({"lines", "due_date"})
    deletes: ClassVar[bool] = True
    gives_back: ClassVar[bool] = True

    # Reading

    async def books(self) -> Books:
        there = await self.world.documents()
        return Reading(there, self.currency).books()

    async def trial_balance(self) -> tuple[Decimal, Decimal, Decimal]:
        url = f"{self.world.control}/companies/{self.world.company}/trial-balance"
        trial = (await self.world.http.get(url)).json()
        owed = [a for a in trial["accounts"] if a["name"] == RECEIVABLE]
        balance = sum((amount(a["debit"]) - amount(a["credit"]) for a in owed), ZERO)
        return amount(trial["debit"]), amount(trial["credit"]), balance

    # People

    async def add_customer(self, name: str, email: str = "") -> None:
        free = await self._ref(TAX_CODES, "Code", UNTAXED)
        record = {
            "CompanyName": name,
            "IsIndividual": False,
            "Addresses": [{"Location": 1, "Email": email}],
            "SellingDetails": {"TaxCode": free, "FreightTaxCode": free},
        }
        await self.world.bookkeeper("add", CUSTOMERS, record=record)

    async def edit_customer(self, name: str, /, **changes: str) -> None:
        there = await self._customer(name)
        wire: Json = {}
        if "name" in changes:
            wire |= {"IsIndividual": False, "CompanyName": changes["name"]}
        if "email" in changes:
            others = [a for a in there["Addresses"] if a["Location"] != 1]
            first = next((a for a in there["Addresses"] if a["Location"] == 1), {"Location": 1})
            wire["Addresses"] = [{**first, "Email": changes["email"]}, *others]
        await self.world.bookkeeper("edit", CUSTOMERS, there["UID"], changes=wire)

    async def archive_customer(self, name: str) -> None:
        await self.world.bookkeeper("archive", CUSTOMERS, (await self._customer(name))["UID"])

    async def merge_customers(self, name: str, into: str) -> None:
        one, other = await self._customer(name), await self._customer(into)
        await self.world.bookkeeper("merge", CUSTOMERS, one["UID"], into=other["UID"])

    # Documents

    async def add_invoice(self, number: str, customer: str, lines: Sold, **more: str) -> None:
        await self._add_sale(number, customer, await self._typed(lines), **more)

    async def edit_invoice(self, number: str, **changes: Any) -> None:
        there = await self._invoice(number)
        wire: Json = {}
        if "due" in changes:
            wire["Terms"] = _terms(there["Date"][:10], changes["due"])
        if "customer" in changes:
            wire["Customer"] = {"UID": (await self._customer(changes["customer"]))["UID"]}
        if changes.keys() & {"line", "more", "less"}:
            added = await self._typed(changes.get("more", ()))
            wire["Lines"] = [*_edited(there["Lines"], changes), *added]
        await self.world.bookkeeper("edit", INVOICES, there["UID"], changes=wire)

    async def void(self, kind: str, number: str) -> None:
        """See Ledger.void; dossier section 1."""
        raise NotOffered(f"{kind} {number}: no webhooks, no batch, no drafts, no void")

    async def delete(self, kind: str, number: str) -> None:
        resource = BILLS if kind == "bill" else INVOICES
        name = "SupplierInvoiceNumber" if kind == "bill" else "Number"
        there = await self._the(resource, name, number)
        await self.world.bookkeeper("delete", resource, there["UID"])

    async def add_credit(self, number: str, customer: str, lines: Sold) -> None:
        """An invoice with a negative total."""
        negative = [(text, -quantity, price) for text, quantity, price in lines]
        await self._add_sale(number, customer, await self._typed(negative))

    async def apply_credit(self, number: str, invoice: str, amount: Decimal) -> None:
        credit, to = await self._invoice(number), await self._invoice(invoice)
        more = {"to": to["UID"], "amount": float(amount), "date": _today()}
        await self.world.bookkeeper("apply_credit", INVOICES, credit["UID"], **more)

    # Money

    async def pay(self, shares: Mapping[str, Decimal], **more: Any) -> str:
        """What is paid too much makes the first invoice's balance negative."""
        paid = {number: await self._invoice(number) for number in shares}
        amounts = dict(shares)
        amounts[next(iter(shares))] += more.get("rest", ZERO)
        record = {
            "DepositTo": "Account",
            "Account": await self._ref(ACCOUNTS, "Name", BANK),
            "Customer": {"UID": next(iter(paid.values()))["Customer"]["UID"]},
            "Date": more.get("date", _today()),
            "Invoices": [
                {"Type": "Invoice", "UID": paid[number]["UID"], "AmountApplied": float(share)}
                for number, share in amounts.items()
            ],
        }
        made = await self.world.bookkeeper("add", PAYMENTS, record=record)
        return str(made["UID"])

    async def move_payment(self, payment: str, shares: Mapping[str, Decimal]) -> str:
        """It cannot be changed: it is deleted and entered again."""
        await self.unpay(payment)
        return await self.pay(shares)

    async def unpay(self, payment: str) -> None:
        await self.world.bookkeeper("delete", PAYMENTS, payment)

    async def apply_rest(self, customer: str, invoice: str, amount: Decimal) -> None:
        """Of the customer's credits the one that money was paid for."""
        to = await self._invoice(invoice)
        more = {"to": to["UID"], "amount": float(amount), "date": _today()}
        one = await self._rest(customer)
        await self.world.bookkeeper("apply_credit", INVOICES, one, **more)

    async def refund_credit(self, number: str, amount: Decimal) -> None:
        credit = (await self._invoice(number))["UID"]
        more = {"amount": float(amount), "date": _today()}
        await self.world.bookkeeper("refund", INVOICES, credit, **more)

    async def refund_rest(self, customer: str, amount: Decimal) -> None:
        more = {"amount": float(amount), "date": _today()}
        await self.world.bookkeeper("refund", INVOICES, await self._rest(customer), **more)

    async def _rest(self, customer: str) -> str:
        reading = Reading(await self.world.documents(), self.currency)
        [one] = [i for i in reading.advances() if i["Customer"]["Name"] == customer]
        return str(one["UID"])

    async def lock(self, until: str) -> None:
        await self.world.bookkeeper("lock", "Company", period_lock_date=until)

    # Looking up

    async def _add_sale(self, number: str, customer: str, lines: list[Json], **more: str) -> None:
        day = more.get("date", _today())
        record = {
            "Number": number,
            "Customer": {"UID": (await self._customer(customer))["UID"]},
            "Date": day,
            "Terms": _terms(day, more.get("due", day)),
            "IsTaxInclusive": False,
            "Lines": lines,
        }
        await self.world.bookkeeper("add", f"{INVOICES}/Service", record=record)

    async def _typed(self, lines: Sold) -> list[Json]:
        account = await self._ref(ACCOUNTS, "Name", SALES)
        free = await self._ref(TAX_CODES, "Code", UNTAXED)
        return [
            {
                "Description": text,
                "UnitCount": float(quantity),
                "UnitPrice": float(price),
                "Total": float(quantity * price),
                "Account": account,
                "TaxCode": free,
            }
            for text, quantity, price in lines
        ]

    async def _the(self, resource: str, field: str, value: str) -> Json:
        found = (await self.world.documents())[resource]
        [one] = [r for r in found if r[field] == value and r.get("IsActive", True)]
        return one

    async def _ref(self, resource: str, field: str, value: str) -> Json:
        return {"UID": (await self._the(resource, field, value))["UID"]}

    async def _invoice(self, number: str) -> Json:
        return await self._the(INVOICES, "Number", number)

    async def _customer(self, name: str) -> Json:
        [one] = named((await self.world.documents())[CUSTOMERS], name)
        return one


def _today() -> str:
    """What a person enters without a date is of today; older ones are the cells' own choice."""
    return datetime.now(UTC).date().isoformat()


def _terms(day: str, due: str) -> Json:
    days = (date.fromisoformat(due) - date.fromisoformat(day)).days
    return {"PaymentIsDue": "InAGivenNumberOfDays", "BalanceDueDate": days}


def _edited(lines: list[Json], changes: Mapping[str, Any]) -> list[Json]:
    """The lines that stay, with what is typed; their totals follow."""
    if "line" in changes:
        line = lines[changes["line"]]
        counted = next(name for name in QUANTITIES if line.get(name) is not None)
        fields = {"text": "Description", "quantity": counted, "price": "UnitPrice"}
        typed = {fields[name]: value for name, value in changes.items() if name in fields}
        line |= {
            name: value if name == "Description" else float(value) for name, value in typed.items()
        }
        share = 1 - amount(line["DiscountPercent"]) / 100
        line["Total"] = float(round(amount(line[counted]) * amount(line["UnitPrice"]) * share, 2))
    return [line for place, line in enumerate(lines) if place not in changes.get("less", ())]
