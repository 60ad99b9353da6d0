"""MYOB's books as a person reads them: from the records as the vendor's API shows them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from tests.flows.world import Json
from tests.matrix.seen import ZERO, Books, Document, Line, Money, Person, amount, family, rated

CUSTOMERS, SUPPLIERS, ITEMS = "Contact/Customer", "Contact/Supplier", "Inventory/Item"
INVOICES, BILLS, ORDERS = "Sale/Invoice", "Purchase/Bill", "Purchase/Order"
PAYMENTS, PAID_OUT = "Sale/CustomerPayment", "Purchase/SupplierPayment"
SETTLEMENTS, REFUNDS = "Sale/CreditSettlement", "Sale/CreditRefund"
ACCOUNTS, TAX_CODES = "GeneralLedger/Account", "GeneralLedger/TaxCode"
QUANTITIES = ("ShipQuantity", "BillQuantity", "UnitCount")
BACK = "given back"
There = Mapping[str, list[Json]]
Shares = dict[str, Decimal]
T = TypeVar("T")


class Reading:
    """One look at all records."""

    def __init__(self, there: There, currency: str) -> None:
        self.there, self.currency = there, currency
        self.banks = {a["UID"] for a in there[ACCOUNTS] if a["Type"] == "Bank"}
        self.numbers = {i["UID"]: i["Number"] for i in there[INVOICES]}
        self.numbers |= {b["UID"]: b["SupplierInvoiceNumber"] for b in there[BILLS]}
        self.sales = [i for i in there[INVOICES] if not self._is_money(i)]

    def books(self) -> Books:
        there = self.there
        people = {**_people(there[SUPPLIERS]), **_people(there[CUSTOMERS])}
        invoices = [i for i in self.sales if i["TotalAmount"] >= 0]
        notes = [i for i in self.sales if i["TotalAmount"] < 0]
        return Books(
            contacts=people,
            items=_by_number(
                (i["Number"], (i["Name"], amount(i["SellingDetails"]["BaseSellingPrice"])))
                for i in there[ITEMS]
                if i["IsActive"]
            ),
            invoices=_by_number((i["Number"], self._document(i)) for i in invoices),
            credit_notes=_by_number((c["Number"], self._document(c, -1)) for c in notes),
            orders=_by_number((o["Number"], self._order(o)) for o in there[ORDERS]),
            bills=_by_number((self.numbers[b["UID"]], self._document(b)) for b in there[BILLS]),
            payments=sorted([*self._received(), *self._paid_out()]),
            refunds=sorted(self._refund(r) for r in there[REFUNDS]),
        )

    def advances(self) -> list[Json]:
        """What stands for money paid too much and not used yet: it has a negative balance."""
        return [
            i
            for i in self.there[INVOICES]
            if i["BalanceDueAmount"] < 0 and (i["TotalAmount"] >= 0 or self._is_money(i))
        ]

    def _is_money(self, raw: Json) -> bool:
        """A negative invoice over a bank account sells nothing: money came that pays nothing."""
        accounts = {(line.get("Account") or {}).get("UID") for line in raw["Lines"]}
        return bool(raw["TotalAmount"] < 0 and accounts <= self.banks)

    def _document(self, raw: Json, sign: int = 1) -> Document:
        """Of a credit note all amounts are positive, and nothing is due."""
        foreign = "Foreign" if raw["ForeignCurrency"] else ""
        gross, tax = amount(raw[f"TotalAmount{foreign}"]), amount(raw[f"TotalTax{foreign}"])
        party = raw.get("Customer") or raw["Supplier"]
        left = sign * amount(raw[f"BalanceDueAmount{foreign}"])
        return Document(
            family(party["Name"])[0],
            raw["Date"][:10],
            raw["ForeignCurrency"]["Code"] if foreign else self.currency,
            tuple(
                _line(line, foreign, sign, _place(raw, "Category"))
                for line in raw["Lines"]
                if line["Type"] != "SubTotal"
            ),
            sign * (gross - tax),
            sign * tax,
            sign * gross,
            open=max(left, ZERO),
            due=raw["Terms"]["DueDate"][:10] if sign > 0 else "",
            rate=rated(raw["CurrencyExchangeRate"]),
        )

    def _order(self, raw: Json) -> Document:
        return replace(
            self._document(raw), open=ZERO, due="", closed=raw["Status"] == "ConvertedToBill"
        )

    # Money

    def _received(self) -> list[Money]:
        """What is more than an invoice's total was used elsewhere, or is not yet."""
        found = []
        beyond, used = self._beyond(), self._used()
        advances = {i["UID"]: i for i in self.there[INVOICES] if self._is_money(i)}
        for raw in self.there[PAYMENTS]:
            more = [advances.pop(uid) for uid in list(advances) if _goes_with(advances[uid], raw)]
            shares, overpaid = _split(raw, beyond)
            shares = _with(shares, [*overpaid, *(one["UID"] for one in more)], used)
            total = _own(raw, "AmountReceived") + sum(map(_negative, more), ZERO)
            found.append(_money(raw, "Customer", total, shares))
        return found + [
            _money(one, "Customer", _negative(one), _with({}, [uid], used))
            for uid, one in advances.items()
        ]

    def _beyond(self) -> Shares:
        """By invoice: what its payments are more than its total."""
        paid: Shares = defaultdict(Decimal)
        for raw in self.there[PAYMENTS]:
            for line in raw["Invoices"]:
                paid[line["UID"]] += _own(line, "AmountApplied")
        totals = {i["UID"]: _own(i, "TotalAmount") for i in self.there[INVOICES]}
        found = {uid: max(ZERO, of - totals.get(uid, of)) for uid, of in paid.items()}
        return defaultdict(Decimal, found)

    def _used(self) -> dict[str, Shares]:
        """By credit: what of it was applied to other invoices, by their numbers, or given back."""
        found: dict[str, Shares] = defaultdict(lambda: defaultdict(Decimal))
        for one in self.there[SETTLEMENTS]:
            for line in one["Lines"]:
                of = found[one["CreditFromInvoice"]["UID"]]
                of[line["Sale"]["Number"]] += amount(line["AmountApplied"])
        for one in self.there[REFUNDS]:
            found[one["Invoice"]["UID"]][BACK] += amount(one["Amount"])
        return found

    def _paid_out(self) -> list[Money]:
        found = []
        for raw in self.there[PAID_OUT]:
            shares: Shares = defaultdict(Decimal)
            for line in raw["Lines"]:
                if line["Type"] == "Bill":
                    shares[self.numbers[line["Purchase"]["UID"]]] += amount(line["AmountApplied"])
            found.append(_money(raw, "Supplier", amount(raw["AmountPaid"]), shares))
        return found

    def _refund(self, raw: Json) -> Money:
        """Of a credit note; of money paid too much there is no number."""
        of = {c["UID"]: c["Number"] for c in self.sales if c["TotalAmount"] < 0}
        share = (of.get(raw["Invoice"]["UID"], ""), amount(raw["Amount"]))
        return Money(family(raw["Customer"]["Name"])[0], raw["Date"][:10], share[1], (share,))


def _split(payment: Json, beyond: Shares) -> tuple[Shares, list[str]]:
    """By number what it pays of invoices, and which of them it overpays; `beyond` is used up."""
    shares: Shares = defaultdict(Decimal)
    overpaid = []
    for line in payment["Invoices"]:
        if line["Type"] != "Invoice":
            continue
        paid = _own(line, "AmountApplied")
        over = min(beyond[line["UID"]], paid)
        beyond[line["UID"]] -= over
        shares[line["Number"]] += paid - over
        overpaid += [line["UID"]] if over else []
    return shares, overpaid


def _negative(invoice: Json) -> Decimal:
    return -_own(invoice, "TotalAmount")


def _own(raw: Json, name: str) -> Decimal:
    """An amount in the record's own currency."""
    foreign = raw.get(f"{name}Foreign")
    return amount(raw[name] if foreign is None else foreign)


def _goes_with(advance: Json, payment: Json) -> bool:
    """It says so: its memo repeats the payment's."""
    same = advance["Customer"]["UID"] == payment["Customer"]["UID"]
    return bool(same and payment["Memo"] and payment["Memo"] in (advance["JournalMemo"] or ""))


def _with(shares: Shares, credited: Iterable[str], used: dict[str, Shares]) -> Shares:
    """Also what was taken of these credits; each is counted once."""
    total = defaultdict(Decimal, shares)
    for uid in credited:
        for number, share in used.pop(uid, {}).items():
            total[number] += share
    return total


def _money(raw: Json, party: str, total: Decimal, shares: Shares) -> Money:
    left = total - sum(shares.values(), ZERO)
    pairs = tuple(sorted((to, share) for to, share in shares.items() if share and to != BACK))
    who, rate = family(raw[party]["Name"])[0], rated(raw["CurrencyExchangeRate"])
    return Money(who, raw["Date"][:10], total, pairs, left, rate)


def _by_number(pairs: Iterable[tuple[str, T]]) -> dict[str, T]:
    """A second one of the same name shows as one more."""
    found: dict[str, T] = {}
    for name, one in pairs:
        found[name if name not in found else f"{name} (again)"] = one
    return found


def _people(cards: list[Json]) -> dict[str, Person]:
    named = ((c, *family(name_of(c))) for c in cards if c["IsActive"])
    return _by_number((own, Person(_email(c), parent)) for c, own, parent in named)


def named(cards: list[Json], name: str) -> list[Json]:
    """Those of that name, whomever they belong to."""
    return [c for c in cards if c["IsActive"] and family(name_of(c))[0] == name]


def name_of(card: Json) -> str:
    if not card["IsIndividual"]:
        return str(card["CompanyName"])
    return " ".join(filter(None, (card["FirstName"], card["LastName"])))


def _email(card: Json) -> str:
    found = [a["Email"] for a in card["Addresses"] if a["Location"] == 1]
    return (found or [""])[0] or ""


def _place(raw: Json, field: str) -> str:
    """The name of a category or job."""
    return str((raw.get(field) or {}).get("Name") or "")


def _line(raw: Json, foreign: str, sign: int, place: str) -> Line:
    """A line without a quantity is one of its total."""
    count = next((raw[name] for name in QUANTITIES if raw.get(name) is not None), None)
    price = raw[f"UnitPrice{foreign}"]
    if count is None or price is None:
        count, price = 1, raw[f"Total{foreign}"]
    text, item = raw["Description"] or "", (raw.get("Item") or {}).get("Number", "")
    place = _place(raw, "Job") or place
    return Line(text, sign * amount(count), amount(price), item, place)
