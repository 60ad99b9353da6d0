"""Company files as they are made: chart of accounts, tax codes, tracking, an item, preferences."""

from datetime import date
from decimal import Decimal
from uuid import UUID, uuid5

from services.sandbox.clock import Clock
from services.sandbox.providers.myob import terms
from services.sandbox.providers.myob.books import Books
from services.sandbox.providers.myob.call import Call
from services.sandbox.providers.myob.chart import (
    ACCOUNTS,
    CATEGORIES,
    COUNTRIES,
    CURRENCIES,
    HEADERS,
    JOBS,
    LOCATIONS,
)
from services.sandbox.providers.myob.errors import Wire
from services.sandbox.providers.myob.fields import Row
from services.sandbox.providers.myob.list_fields import CLASSIFICATIONS
from services.sandbox.providers.myob.lists import written
from services.sandbox.providers.myob.money import PRICE_PLACES, rounded

LOCKED_PRIOR_TO = date(2010, 1, 1)


def company(clock: Clock, id_: str, name: str, country: str, currency: str | None) -> Books:
    """A company file ready for its first invoice."""
    local = COUNTRIES[country]
    books = Books(id_, name, country, currency or local.currency, local.zone, clock)
    books.preferences = _preferences()
    make = _Maker(books)
    make.accounts()
    make.tax_codes()
    make.tracking()
    books.commit()
    return books


def _preferences() -> Row:
    return {
        "System": {
            "CategoryTracking": "OnAndNotRequired",
            "LockPeriodPriorTo": LOCKED_PRIOR_TO,
            "TransactionsCannotBeChangedMustBeReversed": False,
            "UseAlphaAccountIdentifier": False,
        },
        "_terms": dict(terms.PLAIN),
    }


class _Maker:
    """Writes lists as a person would, UIDs derived so that a replay has the same."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.call = Call(books, person=True)
        self.accounts_by_number: dict[int, str] = {}

    def put(self, table: str, key: object, wire: Wire, **more: object) -> str:
        row = written(self.call, table, wire, None)
        row["UID"] = str(uuid5(UUID(self.books.id), f"{table} {key}"))
        return str(self.books.save(table, {**row, **more})["UID"])

    def accounts(self) -> None:
        books = self.books
        headers: dict[str, str] = {}
        for number, name, classification in HEADERS:
            wire = {"Name": name, "Number": number, "IsHeader": True}
            wire["Classification"] = classification
            headers[classification] = self.put("accounts", number, wire)
        for number, name, type_, use in ACCOUNTS:
            class_ = next(name for name, types in CLASSIFICATIONS.items() if type_ in types)
            parent = {"UID": headers[class_]} if class_ in headers else None
            wire = {"Name": name, "Number": number, "Type": type_, "ParentAccount": parent}
            uid = self.accounts_by_number[number] = self.put("accounts", number, wire)
            if use:
                books.system[use] = uid

    def tax_codes(self) -> None:
        books, uids = self.books, dict[str, str]()
        for code, description, type_, rate, components in COUNTRIES[books.country].codes:
            collected = books.system["collected" if type_ == "GST_VAT" else "other_taxes"]
            paid = books.system["paid" if type_ == "GST_VAT" else "other_taxes"]
            wire = {
                "Code": code,
                "Description": description,
                "Type": "GST_VAT" if components else type_,
                "Rate": Decimal(rate),
                "TaxCollectedAccount": {"UID": collected},
                "TaxPaidAccount": {"UID": paid},
            }
            parts = [uids[one] for one in components]
            uids[code] = self.put("tax_codes", code, wire, Type=type_, _components=parts)
        self.codes = uids

    def tracking(self) -> None:
        for id_, name in CATEGORIES:
            self.put("categories", id_, {"DisplayID": id_, "Name": name})
        jobs: dict[str, str] = {}
        for number, name, header, parent in JOBS:
            wire: Wire = {"Number": number, "Name": name, "IsHeader": header}
            wire["ParentJob"] = {"UID": jobs[parent]} if parent else None
            jobs[number] = self.put("jobs", number, wire)
        for id_, name in LOCATIONS:
            self.put("locations", id_, {"Identifier": id_, "Name": name})
        self._currencies()
        self.put("items", "FLYER", self._item())

    def _currencies(self) -> None:
        own = next(Decimal(rate) for code, _, rate in CURRENCIES if code == self.books.currency)
        for code, name, rate in CURRENCIES:
            current = rounded(Decimal(rate) / own, PRICE_PLACES)
            wire = {"Code": code, "CurrencyName": name, "CurrencySymbol": "$"}
            self.put("currencies", code, {**wire, "CurrentRate": current})

    def _item(self) -> Wire:
        code = self.codes[COUNTRIES[self.books.country].taxed]
        return {
            "Number": "FLYER",
            "Name": "Flyers",
            "Description": "Flyers, A5",
            "IsSold": True,
            "IncomeAccount": {"UID": self.accounts_by_number[4100]},
            "SellingDetails": {"BaseSellingPrice": Decimal("0.25"), "TaxCode": {"UID": code}},
        }
