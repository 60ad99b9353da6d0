"""The UCI "Online Retail" CSV: contacts and items first, then a document per InvoiceNo."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from contracts.entities import Address, Contact, CreditNote, Entity, Invoice, Item, Line, TaxMode
from contracts.messages import EntityPut
from libs.connector.money import totals_of
from services.ops.importers.amounts import opposite
from services.ops.importers.countries import COUNTRIES
from services.ops.importers.online_retail_rows import Row, Spoilt, rows
from services.ops.importers.refused import Imported, Refused, refused_by_contract

HOME = "United Kingdom"
HOME_VAT = Decimal(20)
NO_VAT = Decimal(0)
CASH_SALES = Contact(id="cash-sales", name="Cash sales")
RULES = (
    "The Online Retail CSV has no tax: 20 % VAT is taken for United Kingdom and 0 % elsewhere, "
    "reckoned per rate on the invoice (EN 16931). Lines without a customer are booked to one "
    "contact, “Cash sales”; customers have no names, so 17850 becomes “Customer 17850”. Numbers "
    "that start with C (cancellations), and invoices whose total would be negative, become credit "
    "notes with positive amounts. An item is a stock code in capitals, named by its first "
    "description. Contacts and items are published first, each once, and the documents after "
    "them. Ids and revisions follow from the file: publishing it again changes nothing."
)
Read = Callable[[], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Options:
    """How the file is read; `issue_date` replaces the documents' own."""

    tenant: str
    made_at: datetime
    day: date | None = None
    issue_date: date | None = None


@dataclass(slots=True)
class _Found:
    """What the first reading finds; dictionaries keep the order of the file."""

    items: dict[str, str] = field(default_factory=dict)
    customers: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    spoilt: dict[str, Refused] = field(default_factory=dict)

    def see(self, row: Row | Spoilt) -> None:
        if isinstance(row, Spoilt):
            self.spoilt.setdefault(row.invoice, row.refused)
            return
        self.lines[row.invoice] = self.lines.get(row.invoice, 0) + 1
        self.items[row.item] = self.items.get(row.item) or row.description
        self.customers.setdefault(row.customer, row.country)


def messages(read: Read, options: Options) -> Iterator[Imported]:
    """Puts of contacts, items, invoices and credit notes; `read` is called twice.

    A line that cannot be read spoils its invoice, which is left out. Raises UnknownFormat where the
    header is not that of the file.
    """
    found = _Found()
    for row in rows(read(), options.day):
        found.see(row)
    yield from found.spoilt.values()
    for build, *given in _masters(found):
        yield _put(build, given, options)
    for document in _documents(read, found, options):
        yield _put(_document, [document, options], options)


def _masters(found: _Found) -> Iterator[tuple[Any, ...]]:
    for customer, country in found.customers.items():
        yield _contact, customer, country
    for code, name in found.items.items():
        yield _item, code, name


def _documents(read: Read, found: _Found, options: Options) -> Iterator[list[Row]]:
    """The rows of each invoice once its last one has come: they need not stand together."""
    waiting: dict[str, list[Row]] = {}
    for row in rows(read(), options.day):
        if isinstance(row, Spoilt) or row.invoice in found.spoilt:
            continue
        waiting.setdefault(row.invoice, []).append(row)
        if len(waiting[row.invoice]) == found.lines[row.invoice]:
            yield waiting.pop(row.invoice)


def _put(build: Callable[..., Entity], given: list[Any], options: Options) -> Imported:
    try:
        entity = build(*given)
    except ValidationError as error:
        named = given[0][0].invoice if isinstance(given[0], list) else given[0]
        return refused_by_contract(f"{build.__name__.strip('_')} {named}", error)
    return EntityPut(
        tenant=options.tenant, revision=1, made_at=options.made_at, entity=entity, applied={}
    )


def _contact(customer: str, country: str) -> Contact:
    if not customer:
        return CASH_SALES
    code = COUNTRIES.get(country)
    addresses = (Address(kind="billing", country=code),) if code else ()
    return Contact(id=customer, name=f"Customer {customer}", addresses=addresses)


def _item(code: str, name: str) -> Item:
    return Item(id=code, code=code, name=name, description=name)


def _document(found: list[Row], options: Options) -> Invoice | CreditNote:
    lines = tuple(_line(str(n), row) for n, row in enumerate(found, start=1))
    credit = found[0].invoice.startswith("C") or totals_of(lines, TaxMode.EXCLUSIVE).gross < 0
    if credit:
        lines = tuple(map(opposite, lines))
    kind = CreditNote if credit else Invoice
    return kind(
        id=found[0].invoice,
        number=found[0].invoice,
        issue_date=options.issue_date or found[0].day,
        currency="GBP",
        customer=found[0].customer or CASH_SALES.id,
        lines=lines,
        totals=totals_of(lines, TaxMode.EXCLUSIVE),
    )


def _line(number: str, row: Row) -> Line:
    return Line(
        id=number,
        item=row.item,
        description=row.description,
        quantity=row.quantity,
        unit_price=row.price,
        tax_rate=HOME_VAT if row.country == HOME else NO_VAT,
    )
