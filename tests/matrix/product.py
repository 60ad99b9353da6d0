"""The product's books: read from the reference product alone, settled by its own payments."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tests.flows import acts
from tests.flows.world import World
from tests.matrix.seen import VOID, ZERO, Books, Document, Line, Money, Person, amount, rated

Entity = Mapping[str, Any]
Found = dict[str, dict[str, Entity]]
KINDS = (
    "contact",
    "item",
    "invoice",
    "credit_note",
    "payment",
    "refund",
    "purchase_order",
    "bill",
)


async def books(world: World) -> Books:
    """What the product has now."""
    found: Found = {}
    for kind in KINDS:
        entities = [one["entity"] for one in await acts.of_product(world, kind)]
        found[kind] = {one["id"]: one for one in entities}
    return _Reading(found).books()


class _Reading:
    def __init__(self, found: Found) -> None:
        self.found = found
        self.used: dict[str, Decimal] = defaultdict(Decimal)
        for one in self._live("payment", "refund", "credit_note"):
            for share in one["allocations"]:
                self.used[share["document"]] += amount(share["amount"])

    def books(self) -> Books:
        kept = Books()
        for one in self._live("contact"):
            parent = self.found["contact"].get(one["parent"] or "", {"name": ""})
            kept.contacts[one["name"]] = Person(one["email"], parent["name"])
        for one in self._live("item"):
            kept.items[one["code"]] = (one["name"], amount(one["unit_price"]))
        kept.invoices = self._documents("invoice")
        kept.credit_notes = self._documents("credit_note")
        kept.orders = self._documents("purchase_order")
        kept.bills = self._documents("bill")
        kept.payments = sorted(self._money(one) for one in self._live("payment"))
        kept.refunds = sorted(replace(self._money(r), rest=ZERO) for r in self._live("refund"))
        return kept

    def _live(self, *kinds: str) -> list[Entity]:
        all_ = [one for kind in kinds for one in self.found[kind].values()]
        return [one for one in all_ if one["status"] not in ("archived", "void")]

    def _documents(self, kind: str) -> dict[str, Document]:
        return {one["number"]: self._document(one) for one in self.found[kind].values()}

    def _document(self, one: Entity) -> Document:
        if one["status"] == "void":
            return VOID
        totals = {name: amount(value) for name, value in one["totals"].items()}
        spent = sum((amount(share["amount"]) for share in one.get("allocations", ())), ZERO)
        left = totals["gross"] - self.used[one["id"]] - spent
        return Document(
            self._name(one.get("customer") or one.get("supplier")),
            one["issue_date"],
            one["currency"],
            tuple(self._line(line, one["location"] or "") for line in one["lines"]),
            totals["net"],
            totals["tax"],
            totals["gross"],
            open=left if one["type"] != "purchase_order" else ZERO,
            due=one.get("due_date") or "",
            closed=one.get("closed", False),
            rate=rated(one["exchange_rate"]),
        )

    def _line(self, line: Entity, place: str) -> Line:
        item = self.found["item"].get(line["item"] or "", {"code": ""})
        return Line(
            line["description"],
            amount(line["quantity"]),
            amount(line["unit_price"]),
            item["code"],
            line["location"] or place,
        )

    def _money(self, one: Entity) -> Money:
        shares = [(self._number(s), amount(s["amount"])) for s in one["allocations"]]
        left = amount(one["amount"]) - sum((share for _, share in shares), ZERO)
        left -= self.used[one["id"]]
        who = self._name(one["contact"])
        rate = rated(one["exchange_rate"])
        return Money(who, one["date"], amount(one["amount"]), tuple(sorted(shares)), left, rate)

    def _number(self, share: Entity) -> str:
        found = self.found[share["document_type"]].get(share["document"], {})
        return str(found.get("number", ""))

    def _name(self, contact: str | None) -> str:
        return str(self.found["contact"].get(contact or "", {"name": ""})["name"])
