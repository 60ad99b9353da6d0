"""QuickBooks' books as a person reads them: from the objects as the vendor's API shows them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TypeVar

from tests.flows.world import Json
from tests.matrix.seen import VOID, ZERO, Books, Document, Line, Money, Person, amount, rated

SALES, ITEMS, TEXT = "SalesItemLineDetail", "ItemBasedExpenseLineDetail", "DescriptionOnly"
DISCOUNT, SUBTOTAL = "DiscountLineDetail", "SubTotalLineDetail"
DEBTS, CREDITS, CHECKS = ("Invoice", "Bill"), ("CreditMemo", "VendorCredit"), ("Check", "Expense")
BESIDE = " (supplier)"
"""Behind the name of the supplier record that a customer has beside its own."""
INCLUSIVE = "TaxInclusive"
PLACES = {"ClassRef": "Class", "DepartmentRef": "Department"}
There = Mapping[str, list[Json]]
T = TypeVar("T")


class Reading:
    """One look at all objects; deleted ones are gone, voided ones say so in their note."""

    def __init__(self, there: There) -> None:
        self.there = {
            entity: [one for one in objects if one.get("status") != "Deleted"]
            for entity, objects in there.items()
        }
        self.names = {
            f"{entity}/{one['Id']}": str(one["DisplayName"])
            for entity in ("Customer", "Vendor")
            for one in self.there[entity]
        }
        self.beside = {f"{name}{BESIDE}": name for name in self.names.values()}
        self.codes = {i["Id"]: i.get("Sku") or "" for i in self.there["Item"]}
        self.numbers = {
            (entity, one["Id"]): one.get("DocNumber") or ""
            for entity in (*DEBTS, *CREDITS)
            for one in self.there[entity]
        }

    def books(self) -> Books:
        return Books(
            contacts=_by_name(self._people()),
            items=_by_name(_item(i) for i in self.there["Item"] if i["Active"]),
            invoices=self._documents("Invoice", "Balance"),
            credit_notes=self._documents("CreditMemo", "RemainingCredit"),
            orders=self._documents("PurchaseOrder", ""),
            bills=self._documents("Bill", "Balance"),
            payments=sorted(self._payments()),
            refunds=sorted([*self._receipts(), *self._checks()]),
        )

    def _people(self) -> Iterator[tuple[str, Person]]:
        for one in (*self.there["Customer"], *self.there["Vendor"]):
            if one["Active"] and one["DisplayName"] not in self.beside:
                email = (one.get("PrimaryEmailAddr") or {}).get("Address") or ""
                parent = f"Customer/{(one.get('ParentRef') or {}).get('value')}"
                yield one["DisplayName"], Person(email, self.names.get(parent, ""))

    # Documents

    def _documents(self, entity: str, left: str) -> dict[str, Document]:
        return _by_name(
            (one.get("DocNumber") or "", VOID if is_void(one) else self._document(one, left))
            for one in self.there[entity]
        )

    def _document(self, raw: Json, left: str) -> Document:
        gross, tax = amount(raw["TotalAmt"]), amount(raw["TxnTaxDetail"]["TotalTax"])
        owes = left == "Balance"
        return Document(
            self._who(raw),
            raw["TxnDate"],
            raw["CurrencyRef"]["value"],
            tuple(
                self._line(line, self._place(raw, "DepartmentRef"), _mode(raw))
                for line in raw["Line"]
                if line["DetailType"] != SUBTOTAL
            ),
            gross - tax,
            tax,
            gross,
            open=amount(raw[left]) if left else ZERO,
            due=raw["DueDate"] if owes else "",
            closed=raw.get("POStatus") == "Closed",
            rate=_rate(raw),
        )

    def _place(self, raw: Json, field: str) -> str:
        """The name of a class or location."""
        named = (raw.get(field) or {}).get("value")
        found = [one["Name"] for one in self.there[PLACES[field]] if one["Id"] == named]
        return "".join(found)

    def _line(self, raw: Json, place: str, mode: str) -> Line:
        """Zeros are not shown; a line without a quantity is one of its amount.

        Where prices contain tax, people see them with it.
        """
        text, detail = raw.get("Description") or "", raw.get(raw["DetailType"]) or {}
        whole = amount(raw.get("Amount"))
        if raw["DetailType"] == DISCOUNT:
            return Line(text, Decimal(1), -whole)
        count = amount(detail.get("Qty", 1))
        if mode == INCLUSIVE and "TaxInclusiveAmt" in detail:
            price = amount(detail["TaxInclusiveAmt"]) / (count or 1)
        else:
            price = amount(detail["UnitPrice"]) if "UnitPrice" in detail else whole / (count or 1)
        code = self.codes.get((detail.get("ItemRef") or {}).get("value", ""), "")
        return Line(text, count, price, code, self._place(detail, "ClassRef") or place)

    def _who(self, raw: Json) -> str:
        if "VendorRef" in raw:
            name = self.names[f"Vendor/{raw['VendorRef']['value']}"]
            return self.beside.get(name, name)
        return self.names[f"Customer/{raw['CustomerRef']['value']}"]

    # Money

    def _payments(self) -> Iterator[Money]:
        """One of nothing moves no money: it only uses a credit."""
        for raw in (*self.there["Payment"], *self.there["BillPayment"]):
            total = amount(raw["TotalAmt"])
            if total:
                shares = _less(self._shares(raw, DEBTS), _sum(self._shares(raw, CREDITS)))
                rest = amount(raw.get("UnappliedAmt"))
                who, day = self._who(raw), raw["TxnDate"]
                yield Money(who, day, total, _pairs(shares), rest, _rate(raw))

    def _receipts(self) -> Iterator[Money]:
        """Goods taken back for money, in one form."""
        for raw in self.there["RefundReceipt"]:
            if not is_void(raw):
                yield Money(self._who(raw), raw["TxnDate"], amount(raw["TotalAmt"]))

    def _checks(self) -> Iterator[Money]:
        """A cheque to a customer gives back what the payment beside it names."""
        for raw in self.there["Purchase"]:
            who = self.names.get(f"Customer/{(raw.get('EntityRef') or {}).get('value')}")
            beside = [p for p in self.there["Payment"] if raw["Id"] in _linked(p, CHECKS)]
            if who is not None:
                shares: dict[str, Decimal] = defaultdict(Decimal)
                for one in beside:
                    back = {"": _linked(one, CHECKS)[raw["Id"]]} if one["TotalAmt"] else None
                    for number, share in (back or self._shares(one, CREDITS)).items():
                        shares[number] += share
                yield Money(who, raw["TxnDate"], amount(raw["TotalAmt"]), _pairs(shares))

    def _shares(self, raw: Json, kinds: tuple[str, ...]) -> dict[str, Decimal]:
        found: dict[str, Decimal] = defaultdict(Decimal)
        for line in raw["Line"]:
            link = line["LinkedTxn"][0]
            if link["TxnType"] in kinds:
                found[self.numbers[link["TxnType"], link["TxnId"]]] += amount(line["Amount"])
        return found


def _mode(raw: Json) -> str:
    return str(raw.get("GlobalTaxCalculation") or "")


def _rate(raw: Json) -> Decimal:
    """Of a transaction in the company's own currency it is 1, or not there."""
    shown = rated(raw.get("ExchangeRate"))
    return ZERO if shown == 1 else shown


def _linked(raw: Json, kinds: tuple[str, ...]) -> dict[str, Decimal]:
    links = [(line["LinkedTxn"][0], amount(line["Amount"])) for line in raw["Line"]]
    return {str(link["TxnId"]): share for link, share in links if link["TxnType"] in kinds}


def is_void(raw: Json) -> bool:
    """All amounts are zero, and the note begins with the word (dossier section 4)."""
    return not raw["TotalAmt"] and str(raw.get("PrivateNote") or "").startswith("Voided")


def _item(raw: Json) -> tuple[str, tuple[str, Decimal]]:
    """Names are unique, codes need not be there: two of a name have their codes behind it."""
    code = raw.get("Sku") or raw["Name"]
    return code, (raw["Name"].removesuffix(f" ({code})"), amount(raw["UnitPrice"]))


def _less(shares: Mapping[str, Decimal], credit: Decimal) -> dict[str, Decimal]:
    """What money paid where a credit paid the first of it."""
    left = {}
    for number, share in shares.items():
        used = min(credit, share)
        credit -= used
        left[number] = share - used
    return left


def _sum(shares: Mapping[str, Decimal]) -> Decimal:
    return sum(shares.values(), ZERO)


def _pairs(shares: Mapping[str, Decimal]) -> tuple[tuple[str, Decimal], ...]:
    return tuple(sorted((number, share) for number, share in shares.items() if share))


def _by_name(pairs: Iterable[tuple[str, T]]) -> dict[str, T]:
    """A second one of the same name shows as one more."""
    found: dict[str, T] = {}
    for name, one in pairs:
        found[name if name not in found else f"{name} (again)"] = one
    return found
