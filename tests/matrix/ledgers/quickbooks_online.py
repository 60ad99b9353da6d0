"""QuickBooks Online's books as its API shows them, and a bookkeeper at work in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from tests.flows.world import Json, World
from tests.matrix.ledger import Sold
from tests.matrix.ledgers.quickbooks_online_lists import QuickBooksLists
from tests.matrix.ledgers.quickbooks_online_seen import SALES, SUBTOTAL, Reading, is_void
from tests.matrix.seen import ZERO, Books, amount

RESOURCES = {
    "invoice": "Invoice",
    "credit_note": "CreditMemo",
    "purchase_order": "PurchaseOrder",
    "bill": "Bill",
}
RECEIVABLE, SERVICES, UNTAXED = "Accounts Receivable (A/R)", "Services", "NON"


@dataclass(slots=True)
class QuickBooksOnline(QuickBooksLists):
    """See tests.matrix.ledger.Ledger."""

    world: World
    untaxed: ClassVar[Mapping[str, str]] = {"tax_code/0 %": UNTAXED}
    country: ClassVar[str] = "US"
    currency: ClassVar[str] = "USD"
    time_zone: ClassVar[str] = "America/Los_Angeles"
    keeps_voided: ClassVar[frozenset[str]] = frozenset({"invoices"})
    voids_paid: ClassVar[bool] = True
    edits_paid: ClassVar[frozenset[str]] = frozenset({"lines", "due_date"})
    deletes: ClassVar[bool] = True
    gives_back: ClassVar[bool] = False
    """A check linked to what is paid back: UI only (dossier section 6)."""

    # Reading

    async def books(self) -> Books:
        return Reading(await self.world.documents()).books()

    async def trial_balance(self) -> tuple[Decimal, Decimal, Decimal]:
        url = f"{self.world.control}/companies/{self.world.company}/trial-balance"
        trial = (await self.world.http.get(url)).json()
        owed = [a for a in trial["accounts"] if a["name"] == RECEIVABLE]
        balance = sum((amount(a["debit"]) - amount(a["credit"]) for a in owed), ZERO)
        return amount(trial["debit"]), amount(trial["credit"]), balance

    # People

    async def add_customer(self, name: str, email: str = "") -> None:
        record: Json = {"DisplayName": name, "PrimaryEmailAddr": {"Address": email}}
        await self.world.bookkeeper("add", "Customer", record=record)

    async def edit_customer(self, name: str, /, **changes: str) -> None:
        wire: Json = {}
        if "name" in changes:
            wire["DisplayName"] = changes["name"]
        if "email" in changes:
            wire["PrimaryEmailAddr"] = {"Address": changes["email"]}
        await self.world.bookkeeper("edit", "Customer", await self._customer(name), changes=wire)

    async def archive_customer(self, name: str) -> None:
        await self.world.bookkeeper("archive", "Customer", await self._customer(name))

    async def merge_customers(self, name: str, into: str) -> None:
        other = await self._customer(into)
        await self.world.bookkeeper("merge", "Customer", await self._customer(name), into=other)

    # Documents

    async def add_invoice(self, number: str, customer: str, lines: Sold, **more: str) -> None:
        day = more.get("date", "2026-03-05")
        record = {"DueDate": more.get("due", day)}
        await self._add("Invoice", number, customer, lines, TxnDate=day, **record)

    async def edit_invoice(self, number: str, **changes: Any) -> None:
        there = await self._the("Invoice", number)
        wire: Json = {}
        if "due" in changes:
            wire["DueDate"] = changes["due"]
        if "customer" in changes:
            wire["CustomerRef"] = {"value": await self._customer(changes["customer"])}
        if changes.keys() & {"line", "more", "less"}:
            added = await self._typed(changes.get("more", ()))
            wire["Line"] = [*_edited(there["Line"], changes), *added]
        await self.world.bookkeeper("edit", "Invoice", there["Id"], changes=wire)

    async def void(self, kind: str, number: str) -> None:
        await self._end("void", kind, number)

    async def delete(self, kind: str, number: str) -> None:
        await self._end("delete", kind, number)

    async def add_credit(self, number: str, customer: str, lines: Sold) -> None:
        await self._add("CreditMemo", number, customer, lines, TxnDate="2026-03-05")

    async def apply_credit(self, number: str, invoice: str, amount: Decimal) -> None:
        credit, to = await self._the("CreditMemo", number), await self._the("Invoice", invoice)
        more = {"credit": credit["Id"], "amount": str(amount)}
        await self.world.bookkeeper("apply_credit", "Invoice", to["Id"], **more)

    # Money

    async def pay(self, shares: Mapping[str, Decimal], **more: Any) -> str:
        paid = {number: await self._the("Invoice", number) for number in shares}
        first = next(iter(paid.values()))
        record = {
            "CustomerRef": {"value": first["CustomerRef"]["value"]},
            "TotalAmt": str(sum(shares.values(), more.get("rest", ZERO))),
            "TxnDate": more.get("date", "2026-03-06"),
            "CurrencyRef": {"value": first["CurrencyRef"]["value"]},
            "Line": [_pays(paid[number]["Id"], share) for number, share in shares.items()],
        }
        return str((await self.world.bookkeeper("add", "Payment", record=record))["Id"])

    async def move_payment(self, payment: str, shares: Mapping[str, Decimal]) -> str:
        lines = [
            _pays((await self._the("Invoice", number))["Id"], share)
            for number, share in shares.items()
        ]
        await self.world.bookkeeper("edit", "Payment", payment, changes={"Line": lines})
        return payment

    async def unpay(self, payment: str) -> None:
        await self.world.bookkeeper("delete", "Payment", payment)

    async def apply_rest(self, customer: str, invoice: str, amount: Decimal) -> None:
        """The payment gets one more line."""
        one = await self._rest(customer)
        to = (await self._the("Invoice", invoice))["Id"]
        line = {"Line": [*one["Line"], _pays(to, amount)]}
        await self.world.bookkeeper("edit", "Payment", one["Id"], changes=line)

    async def refund_credit(self, number: str, amount: Decimal) -> None:
        """A cheque, and a payment of nothing between it and the credit."""
        credit = (await self._the("CreditMemo", number))["Id"]
        more = {"amount": str(amount), "date": "2026-03-07"}
        await self.world.bookkeeper("refund", "CreditMemo", credit, **more)

    async def refund_rest(self, customer: str, amount: Decimal) -> None:
        """A cheque, linked to the payment."""
        more = {"amount": str(amount), "date": "2026-03-07"}
        rest = await self._rest(customer)
        await self.world.bookkeeper("refund", "Payment", rest["Id"], **more)

    async def _rest(self, customer: str) -> Json:
        who = await self._customer(customer)
        found = await self._live("Payment")
        [one] = [p for p in found if p["CustomerRef"]["value"] == who and p["UnappliedAmt"]]
        return one

    async def lock(self, until: str) -> None:
        await self.world.bookkeeper("lock", "Preferences", period_lock_date=until)

    # Looking up

    async def _add(
        self, entity: str, number: str, customer: str, lines: Sold, **fields: str
    ) -> None:
        record = {
            "DocNumber": number,
            "CustomerRef": {"value": await self._customer(customer)},
            "CurrencyRef": {"value": self.currency},
            "Line": await self._typed(lines),
            **fields,
        }
        await self.world.bookkeeper("add", entity, record=record)

    async def _typed(self, lines: Sold) -> list[Json]:
        found = await self._live("Item")
        [services] = [i["Id"] for i in found if i["Name"] == SERVICES]
        return [
            {
                "DetailType": SALES,
                "Description": text,
                "Amount": str(round(quantity * price, 2)),
                SALES: {
                    "ItemRef": {"value": services},
                    "Qty": str(quantity),
                    "UnitPrice": str(price),
                    "TaxCodeRef": {"value": UNTAXED},
                },
            }
            for text, quantity, price in lines
        ]

    async def _end(self, how: str, kind: str, number: str) -> None:
        entity = RESOURCES[kind]
        await self.world.bookkeeper(how, entity, (await self._the(entity, number))["Id"])

    async def _live(self, entity: str) -> list[Json]:
        found = (await self.world.documents())[entity]
        return [one for one in found if one.get("status") != "Deleted"]

    async def _the(self, entity: str, number: str) -> Json:
        found = await self._live(entity)
        [one] = [d for d in found if d.get("DocNumber") == number and not is_void(d)]
        return one

    async def _customer(self, name: str) -> str:
        found = await self._live("Customer")
        [one] = [c for c in found if c["DisplayName"] == name and c["Active"]]
        return str(one["Id"])


def _pays(invoice: str, share: Decimal) -> Json:
    return {"Amount": str(share), "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}


def _edited(lines: list[Json], changes: Mapping[str, Any]) -> list[Json]:
    """The lines that stay, with what is typed; their amounts follow."""
    typed = [line for line in lines if line["DetailType"] != SUBTOTAL]
    if "line" in changes:
        line = typed[changes["line"]]
        detail = line[SALES]
        line["Description"] = changes.get("text", line.get("Description"))
        detail["Qty"] = str(changes.get("quantity", detail.get("Qty", 1)))
        detail["UnitPrice"] = str(changes.get("price", detail.get("UnitPrice", line["Amount"])))
        whole = amount(detail["Qty"]) * amount(detail["UnitPrice"])
        whole *= 1 - amount(detail.get("DiscountRate")) / 100
        line["Amount"] = str(round(whole - amount(detail.get("DiscountAmt")), 2))
    return [line for place, line in enumerate(typed) if place not in changes.get("less", ())]
