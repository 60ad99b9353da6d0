"""Xero's books as its API shows them, and a bookkeeper at work in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from tests.flows.world import Json, World
from tests.matrix.ledger import NotOffered, Sold
from tests.matrix.ledgers.xero_lists import XeroLists
from tests.matrix.ledgers.xero_seen import is_kept, named, seen
from tests.matrix.seen import ZERO, Books, amount

RESOURCES = {"invoice": "Invoices", "credit_note": "CreditNotes", "bill": "Invoices"}
NUMBERS = {"Invoices": "InvoiceNumber", "CreditNotes": "CreditNoteNumber"}
IDS = {"Invoices": "InvoiceID", "CreditNotes": "CreditNoteID", "Overpayments": "OverpaymentID"}
RECEIVABLE = "Accounts Receivable"


@dataclass(slots=True)
class Xero(XeroLists):
    """See tests.matrix.ledger.Ledger."""

    world: World
    untaxed: ClassVar[Mapping[str, str]] = {"tax_code/0 %": "ZERORATEDOUTPUT"}
    country: ClassVar[str] = "GB"
    currency: ClassVar[str] = "GBP"
    time_zone: ClassVar[str] = "Europe/London"
    keeps_voided: ClassVar[frozenset[str]] = frozenset(
        {"invoices", "credit_notes", "orders", "bills"}
    )
    voids_paid: ClassVar[bool] = False
    edits_paid: ClassVar[frozenset[str]] = frozenset()
    deletes: ClassVar[bool] = False
    gives_back: ClassVar[bool] = True

    # Reading

    async def books(self) -> Books:
        return seen(await self.world.documents())

    async def trial_balance(self) -> tuple[Decimal, Decimal, Decimal]:
        url = f"{self.world.control}/companies/{self.world.company}/trial-balance"
        trial = (await self.world.http.get(url)).json()
        owed = [a for a in trial["accounts"] if a["name"] == RECEIVABLE]
        balance = sum((amount(a["debit"]) - amount(a["credit"]) for a in owed), ZERO)
        return amount(trial["debit"]), amount(trial["credit"]), balance

    # People

    async def add_customer(self, name: str, email: str = "") -> None:
        await self.world.bookkeeper("add", "Contacts", record={"Name": name, "EmailAddress": email})

    async def edit_customer(self, name: str, /, **changes: str) -> None:
        fields = {"email": "EmailAddress", "name": "Name"}
        wire = {fields[field]: value for field, value in changes.items()}
        await self.world.bookkeeper("edit", "Contacts", await self._contact(name), changes=wire)

    async def archive_customer(self, name: str) -> None:
        await self.world.bookkeeper("archive", "Contacts", await self._contact(name))

    async def merge_customers(self, name: str, into: str) -> None:
        other = await self._contact(into)
        await self.world.bookkeeper("merge", "Contacts", await self._contact(name), into=other)

    # Documents

    async def add_invoice(self, number: str, customer: str, lines: Sold, **more: str) -> None:
        day = more.get("date", "2026-03-05")
        record = {
            "Type": "ACCREC",
            "InvoiceNumber": number,
            "Contact": {"ContactID": await self._contact(customer)},
            "Date": day,
            "DueDate": more.get("due", day),
            "Status": "AUTHORISED",
            "LineItems": [_typed(*line) for line in lines],
        }
        await self.world.bookkeeper("add", "Invoices", record=record)

    async def edit_invoice(self, number: str, **changes: Any) -> None:
        there = await self._the("Invoices", number)
        wire: Json = {}
        if "due" in changes:
            wire["DueDate"] = changes["due"]
        if "customer" in changes:
            wire["Contact"] = {"ContactID": await self._contact(changes["customer"])}
        if changes.keys() & {"line", "more", "less"}:
            wire["LineItems"] = _edited(there["LineItems"], changes)
        await self.world.bookkeeper("edit", "Invoices", there["InvoiceID"], changes=wire)

    async def void(self, kind: str, number: str) -> None:
        await self._end("void", kind, number)

    async def delete(self, kind: str, number: str) -> None:
        """See Ledger.delete; dossier section 4."""
        resource = RESOURCES[kind]
        if (await self._the(resource, number))["Status"] not in ("DRAFT", "SUBMITTED"):
            raise NotOffered(f"{kind} {number}: DELETED (DRAFT or SUBMITTED only)")
        await self._end("delete", kind, number)

    async def add_credit(self, number: str, customer: str, lines: Sold) -> None:
        record = {
            "Type": "ACCRECCREDIT",
            "CreditNoteNumber": number,
            "Contact": {"ContactID": await self._contact(customer)},
            "Date": "2026-03-05",
            "Status": "AUTHORISED",
            "LineItems": [_typed(*line) for line in lines],
        }
        await self.world.bookkeeper("add", "CreditNotes", record=record)

    async def apply_credit(self, number: str, invoice: str, amount: Decimal) -> None:
        credit = (await self._the("CreditNotes", number))["CreditNoteID"]
        await self._apply("CreditNotes", credit, invoice, amount)

    # Money

    async def pay(self, shares: Mapping[str, Decimal], **more: Any) -> str:
        paid = [
            {"Invoice": {"InvoiceID": await self._invoice(number)}, "Amount": str(share)}
            for number, share in shares.items()
        ]
        bank = {"Account": {"Code": "090"}, "Date": more.get("date", "2026-03-06")}
        if more.get("rest"):
            return await self._overpay(shares, more["rest"], bank["Date"])
        if len(paid) == 1:
            made = await self.world.bookkeeper("add", "Payments", record={**bank, **paid[0]})
            return f"Payments/{made['PaymentID']}"
        record = {**bank, "Payments": paid}
        made = await self.world.bookkeeper("add", "BatchPayments", record=record)
        return f"BatchPayments/{made['BatchPaymentID']}"

    async def _overpay(self, shares: Mapping[str, Decimal], rest: Decimal, day: Any) -> str:
        first = await self._the("Invoices", next(iter(shares)))
        total = sum(shares.values(), rest)
        line = {"Description": "Overpayment", "Quantity": 1, "UnitAmount": str(total)}
        record = {
            "Type": "RECEIVE-OVERPAYMENT",
            "Contact": {"ContactID": first["Contact"]["ContactID"]},
            "BankAccount": {"Code": "090"},
            "Date": day,
            "LineItems": [line],
        }
        made = await self.world.bookkeeper("add", "BankTransactions", record=record)
        for number, share in shares.items():
            await self._apply("Overpayments", made["OverpaymentID"], number, share)
        return f"Overpayments/{made['OverpaymentID']}"

    async def move_payment(self, payment: str, shares: Mapping[str, Decimal]) -> str:
        await self.unpay(payment)
        return await self.pay(shares)

    async def unpay(self, payment: str) -> None:
        resource, _, identity = payment.partition("/")
        await self.world.bookkeeper("delete", resource, identity)

    async def apply_rest(self, customer: str, invoice: str, amount: Decimal) -> None:
        await self._apply("Overpayments", await self._rest(customer), invoice, amount)

    async def refund_credit(self, number: str, amount: Decimal) -> None:
        credit = await self._the("CreditNotes", number)
        await self._refund("CreditNote", credit["CreditNoteID"], amount)

    async def refund_rest(self, customer: str, amount: Decimal) -> None:
        await self._refund("Overpayment", await self._rest(customer), amount)

    async def lock(self, until: str) -> None:
        await self.world.bookkeeper("lock", "Organisation", period_lock_date=until)

    # Looking up

    async def _apply(self, resource: str, identity: str, invoice: str, amount: Decimal) -> None:
        to = await self._invoice(invoice)
        await self.world.bookkeeper("apply", resource, identity, to=to, amount=str(amount))

    async def _rest(self, customer: str) -> str:
        found = (await self.world.documents())["Overpayments"]
        [one] = [o for o in found if o["Contact"]["Name"] == customer and o["RemainingCredit"]]
        return str(one["OverpaymentID"])

    async def _refund(self, what: str, identity: str, amount: Decimal) -> None:
        record = {
            what: {f"{what}ID": identity},
            "Account": {"Code": "090"},
            "Date": "2026-03-07",
            "Amount": str(amount),
        }
        await self.world.bookkeeper("add", "Payments", record=record)

    async def _end(self, how: str, kind: str, number: str) -> None:
        resource = RESOURCES[kind]
        there = await self._the(resource, number)
        await self.world.bookkeeper(how, resource, there[IDS[resource]])

    async def _the(self, resource: str, number: str) -> Json:
        found = (await self.world.documents())[resource]
        [one] = [r for r in found if r[NUMBERS[resource]] == number and is_kept(r)]
        return one

    async def _invoice(self, number: str) -> str:
        return str((await self._the("Invoices", number))["InvoiceID"])

    async def _contact(self, name: str) -> str:
        [one] = named((await self.world.documents())["Contacts"], name)
        return str(one["ContactID"])


def _typed(text: str, quantity: Decimal, price: Decimal) -> Json:
    return {
        "Description": text,
        "Quantity": str(quantity),
        "UnitAmount": str(price),
        "AccountCode": "200",
        "TaxType": "ZERORATEDOUTPUT",
    }


def _edited(lines: list[Json], changes: Mapping[str, Any]) -> list[Json]:
    """The lines that stay are named by id; only what changes is typed."""
    named = [{"LineItemID": line["LineItemID"]} for line in lines]
    if "line" in changes:
        fields = {"text": "Description", "quantity": "Quantity", "price": "UnitAmount"}
        typed = {fields[k]: str(v) for k, v in changes.items() if k in fields}
        named[changes["line"]] |= typed
    kept = [line for place, line in enumerate(named) if place not in changes.get("less", ())]
    return kept + [_typed(*line) for line in changes.get("more", ())]
