"""Xero's books as its API shows them, and a bookkeeper at work in them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from tests.flows.world import Json, World
from tests.matrix.ledger import Sold
from tests.matrix.seen import VOID, ZERO, Books, Document, Line, Money, Person, amount

RESOURCES = {"invoice": "Invoices", "credit_note": "CreditNotes", "bill": "Invoices"}
NUMBERS = {"Invoices": "InvoiceNumber", "CreditNotes": "CreditNoteNumber"}
IDS = {"Invoices": "InvoiceID", "CreditNotes": "CreditNoteID", "Overpayments": "OverpaymentID"}
ENDED = ("DELETED", "VOIDED")
RECEIVABLE = "Accounts Receivable"


@dataclass(slots=True)
class Xero:
    """See tests.matrix.ledger.Ledger."""

    world: World
    untaxed: ClassVar[Mapping[str, str]] = {"tax_code/0 %": "ZERORATEDOUTPUT"}
    country: ClassVar[str] = "GB"
    currency: ClassVar[str] = "GBP"
    keeps_voided: ClassVar[bool] = True
    voids_paid: ClassVar[bool] = False
    gives_back: ClassVar[bool] = True

    # Reading

    async def books(self) -> Books:
        there = await self.world.documents()
        sales = [i for i in there["Invoices"] if i["Type"] == "ACCREC" and _kept(i)]
        bills = [i for i in there["Invoices"] if i["Type"] == "ACCPAY" and _kept(i)]
        return Books(
            contacts={
                c["Name"]: Person(c.get("EmailAddress") or "")
                for c in there["Contacts"]
                if c["ContactStatus"] == "ACTIVE"
            },
            items={i["Code"]: (i.get("Name") or "", _price(i)) for i in there["Items"]},
            invoices={i["InvoiceNumber"]: _document(i, i["AmountDue"]) for i in sales},
            credit_notes={
                c["CreditNoteNumber"]: _document(c, c["RemainingCredit"])
                for c in there["CreditNotes"]
                if c["Type"] == "ACCRECCREDIT" and _kept(c)
            },
            orders={
                o["PurchaseOrderNumber"]: _document(o, 0)
                for o in there["PurchaseOrders"]
                if _kept(o)
            },
            bills={i["InvoiceNumber"]: _document(i, i["AmountDue"]) for i in bills},
            payments=sorted(_payments(there)),
            refunds=sorted(_refunds(there)),
        )

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
        found = (await self.world.documents())["Overpayments"]
        [one] = [o for o in found if o["Contact"]["Name"] == customer and o["RemainingCredit"]]
        await self._apply("Overpayments", one["OverpaymentID"], invoice, amount)

    async def refund_credit(self, number: str, amount: Decimal) -> None:
        credit = await self._the("CreditNotes", number)
        record = {
            "CreditNote": {"CreditNoteID": credit["CreditNoteID"]},
            "Account": {"Code": "090"},
            "Date": "2026-03-07",
            "Amount": str(amount),
        }
        await self.world.bookkeeper("add", "Payments", record=record)

    async def lock(self, until: str) -> None:
        await self.world.bookkeeper("lock", "Organisation", period_lock_date=until)

    # Looking up

    async def _apply(self, resource: str, identity: str, invoice: str, amount: Decimal) -> None:
        to = await self._invoice(invoice)
        await self.world.bookkeeper("apply", resource, identity, to=to, amount=str(amount))

    async def _end(self, how: str, kind: str, number: str) -> None:
        resource = RESOURCES[kind]
        there = await self._the(resource, number)
        await self.world.bookkeeper(how, resource, there[IDS[resource]])

    async def _the(self, resource: str, number: str) -> Json:
        found = (await self.world.documents())[resource]
        [one] = [r for r in found if r[NUMBERS[resource]] == number and _kept(r)]
        return one

    async def _invoice(self, number: str) -> str:
        return str((await self._the("Invoices", number))["InvoiceID"])

    async def _contact(self, name: str) -> str:
        found = (await self.world.documents())["Contacts"]
        [one] = [c for c in found if c["Name"] == name and c["ContactStatus"] == "ACTIVE"]
        return str(one["ContactID"])


def _kept(record: Json) -> bool:
    return bool(record["Status"] != "DELETED")


def _price(item: Json) -> Decimal:
    return amount((item.get("SalesDetails") or {}).get("UnitPrice"))


def _document(raw: Json, left: object) -> Document:
    if raw["Status"] in ENDED:
        return VOID
    return Document(
        raw["Contact"]["Name"],
        raw["DateString"][:10],
        raw["CurrencyCode"],
        tuple(_line(line) for line in raw["LineItems"]),
        amount(raw["SubTotal"]),
        amount(raw["TotalTax"]),
        amount(raw["Total"]),
        amount(left),
        (raw.get("DueDateString") or "")[:10],
    )


def _line(raw: Json) -> Line:
    return Line(
        raw.get("Description") or "",
        amount(raw.get("Quantity")),
        amount(raw.get("UnitAmount")),
        raw.get("ItemCode") or "",
    )


def _payments(there: Mapping[str, list[Json]]) -> list[Money]:
    """A batch is one payment; what pays an invoice alone is one, and so is an overpayment."""
    numbers = {i["InvoiceID"]: i["InvoiceNumber"] for i in there["Invoices"]}
    live = [p for p in there["Payments"] if p["Status"] != "DELETED" and _pays(p)]
    batches: dict[str, list[Json]] = {}
    for one in live:
        batch = one.get("BatchPaymentID") or (one.get("BatchPayment") or {}).get("BatchPaymentID")
        batches.setdefault(batch or one["PaymentID"], []).append(one)
    found = [_paid(some, numbers) for some in batches.values()]
    return found + [_advance(o, numbers) for o in there["Overpayments"] if o["Status"] not in ENDED]


def _paid(some: list[Json], numbers: Mapping[str, str]) -> Money:
    shares = _shares(some, numbers)
    who = some[0]["Invoice"]["Contact"]["Name"]
    total = sum((share for _, share in shares), ZERO)
    return Money(who, _day(some[0]["Date"]), total, shares)


def _advance(raw: Json, numbers: Mapping[str, str]) -> Money:
    shares = _shares(raw["Allocations"], numbers)
    total, left = amount(raw["Total"]), amount(raw["RemainingCredit"])
    return Money(raw["Contact"]["Name"], raw["DateString"][:10], total, shares, left)


def _shares(some: list[Json], numbers: Mapping[str, str]) -> tuple[tuple[str, Decimal], ...]:
    """Two uses for one invoice are one share of it."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for one in some:
        found[numbers[one["Invoice"]["InvoiceID"]]] += amount(one["Amount"])
    return tuple(sorted(found.items()))


def _refunds(there: Mapping[str, list[Json]]) -> list[Money]:
    names = {c["CreditNoteID"]: c["CreditNoteNumber"] for c in there["CreditNotes"]}
    found = []
    for one in there["Payments"]:
        if one["Status"] == "DELETED" or _pays(one):
            continue
        # Whatever it gives back is shown as if it were an invoice, too.
        of = one["Invoice"]
        share = (names.get(of["InvoiceID"], ""), amount(one["Amount"]))
        found.append(Money(of["Contact"]["Name"], _day(one["Date"]), share[1], (share,)))
    return found


def _pays(payment: Json) -> bool:
    return payment["PaymentType"] in ("ACCRECPAYMENT", "ACCPAYPAYMENT")


def _day(text: str) -> str:
    """`/Date(ms+0000)/` as a calendar date."""
    return datetime.fromtimestamp(int(text[6:19]) / 1000, UTC).date().isoformat()


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
