"""Collections: pages, the probe of `LastModified`, several collections as one list."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.values import EntityType
from libs.connector.errors import Unavailable
from libs.connector.interface import Record
from services.connectors.myob import company
from services.connectors.myob.mapping.wire import moment, of_day, quoted
from tests.services.connectors.myob import around
from tests.services.connectors.myob.around import MYOB, Shelf

SINCE = datetime(2026, 9, 10, 3, 0, tzinfo=UTC)


def row(uid: str, at: int = 0, **more: Any) -> dict[str, Any]:
    stamp = {"LastModified": f"2026-09-10T03:00:{at:02}.123"} if at else {}
    return {"UID": uid, "RowVersion": "1", **stamp, **more}


def sale(uid: str, total: int, at: int = 0, **more: Any) -> dict[str, Any]:
    return row(uid, at, TotalAmount=total, InvoiceType="Item", **more)


def rows(*items: dict[str, Any]) -> dict[str, Any]:
    return {"Items": list(items), "NextPageLink": None, "Count": len(items)}


async def listed(shelf: Shelf, kind: EntityType, since: datetime | None = SINCE) -> list[Record]:
    return [one async for page in MYOB.changes(shelf, kind, since) for one in page]


async def test_what_changed_is_asked_by_the_moment() -> None:
    shelf = Shelf({"/Sale/Invoice": rows(sale("i1", 5, 1), sale("n1", -5, 2), sale("i2", 0, 3))})
    found = await listed(shelf, EntityType.INVOICE)
    assert [one.id for one in found] == ["Item/i1", "Item/i2"]
    assert found[0].updated_at == datetime(2026, 9, 10, 3, 0, 1, 123000, tzinfo=UTC)
    ((_, asked),) = shelf.asked
    assert asked["$filter"] == "LastModified ge datetime'2026-09-10T03:00:00'"
    assert asked["generateUris"] == "false"


async def test_where_the_filter_is_refused_the_last_weeks_are_looked_at() -> None:
    shelf = Shelf({"/Sale/Invoice": rows(sale("i1", 5))}, refused=("LastModified",))
    found = await listed(shelf, EntityType.INVOICE)
    assert [(one.id, one.updated_at) for one in found] == [("Item/i1", None)]
    filters = [asked.get("$filter", "") for _, asked in shelf.asked]
    assert filters[1:] == ["", "Date ge datetime'2026-07-30T03:00:00' or Status eq 'Open'"]


async def test_an_old_credit_that_is_not_used_up_is_looked_at_too() -> None:
    shelf = Shelf({"/Sale/Invoice": rows(sale("n1", -5))}, refused=("LastModified",))
    assert [one.id for one in await listed(shelf, EntityType.CREDIT_NOTE)] == ["Item/n1"]
    filters = [asked.get("$filter", "") for path, asked in shelf.asked if "Invoice" in path]
    assert filters[-1] == "Date ge datetime'2026-07-30T03:00:00' or Status eq 'Credit'"


async def test_where_nothing_answers_it_is_the_vendor() -> None:
    shelf = Shelf({"/Sale/Invoice": rows()}, refused=("$top",))
    with pytest.raises(Unavailable):
        await listed(shelf, EntityType.INVOICE)


async def test_all_there_is_needs_no_filter() -> None:
    shelf = Shelf({"/Inventory/Item": rows(row("p1"))}, refused=("LastModified",))
    assert [one.id for one in await listed(shelf, EntityType.ITEM, None)] == ["p1"]


async def test_several_collections_come_as_one_by_time() -> None:
    shelf = Shelf(
        {
            "/Contact/Customer": rows(row("a", 1), row("b", 4), row("c", 5)),
            "/Contact/Supplier": rows(row("d", 2), row("e", 6)),
        }
    )
    found = await listed(shelf, EntityType.CONTACT)
    assert [one.id for one in found] == [
        "Customer/a",
        "Supplier/d",
        "Customer/b",
        "Customer/c",
        "Supplier/e",
    ]


class Book(Shelf):
    """A collection of two pages, whose link names another host."""

    async def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        link = f"https://region-2.example/x{path}?$top=1000&$skip=1"
        first = "$skip" not in (params or {})
        items = [row("p1", 1)] if first else [row("p2", 2)]
        self.rows = {path: {"Items": items, "NextPageLink": link if first else None}}
        return await Shelf.get(self, path, params, headers)


async def test_pages_follow_their_link_on_our_own_host() -> None:
    book = Book({})
    assert [one.id for one in await listed(book, EntityType.ITEM)] == ["p1", "p2"]
    assert book.asked[1] == ("/Inventory/Item", {"$top": "1000", "$skip": "1"})


async def test_payments_are_of_three_collections_and_what_is_paid_too_much_is_no_credit() -> None:
    ours = f"Overpayment ch_77 {around.MARKER}"
    shelf = Shelf(
        {
            "/Sale/CustomerPayment": rows(row("y1", 1, Memo=around.MARKER)),
            "/Purchase/SupplierPayment": rows(row("y2", 2)),
            "/Sale/Invoice": rows(sale("x1", -5, 3, JournalMemo=ours), sale("n1", -5, 4)),
            "/Sale/CreditSettlement": rows(row("s1", 5, CreditFromInvoice={"UID": "n1"})),
        }
    )
    payments = await listed(shelf, EntityType.PAYMENT)
    assert [(one.id, one.marker) for one in payments] == [
        ("CustomerPayment/y1", around.MARKER),
        ("SupplierPayment/y2", ""),
        ("Overpayment/x1", around.MARKER),
    ]
    notes = await MYOB.census(shelf, EntityType.CREDIT_NOTE)
    assert list(notes) == ["Item/n1", "CreditSettlement/s1"]


async def test_debits_are_no_bills() -> None:
    shelf = Shelf(
        {"/Purchase/Bill/Item": rows(row("b1", TotalAmount=5), row("b2", TotalAmount=-5))}
    )
    assert [one.id for one in await listed(shelf, EntityType.BILL)] == ["Item/b1"]


def test_literals() -> None:
    assert quoted("O'Brien & Co") == "'O''Brien & Co'"
    day = datetime(2026, 9, 1, tzinfo=UTC).date()
    at = "datetime'2026-09-01T00:00:00'"
    assert of_day(day) == f"Date ge {at} and Date le {at}"
    assert moment("0001-01-01T00:00:00") is None
    assert moment("2026-09-10T03:00:00") == SINCE
    assert moment(None) is None


# The company


FILE = {"CompanyFile": {"Id": "cf-1", "Name": "Kauri", "Country": "NZ"}}
TAX = [
    {"UID": "t1", "Code": "S15", "Type": "GST_VAT", "Rate": 15},
    {"UID": "t2", "Code": "NTR", "Type": "GST_VAT", "Rate": 0},
    {"UID": "t3", "Code": "IMP", "Type": "ImportDuty", "Rate": 5},
]
ACCOUNTS = [
    {"UID": "a1", "DisplayID": "1-0000", "Name": "Assets", "Classification": "Asset",
     "Type": "OtherAsset", "IsHeader": True},
    {"UID": "a2", "DisplayID": "1-1110", "Name": "Bank", "Classification": "Asset",
     "Type": "Bank", "IsActive": True},
    {"UID": "a3", "DisplayID": "4-1000", "Name": "Sales", "Classification": "Income",
     "Type": "Income", "IsActive": False},
]  # fmt: skip
PREFERENCES = {
    "System": {
        "CategoryTracking": "OnAndRequired",
        "TransactionsCannotBeChangedMustBeReversed": True,
        "LockPeriodPriorTo": "2026-07-01T00:00:00",
    }
}


def books(**more: Any) -> Shelf:
    paths = {
        "/": FILE,
        "/Company/Preferences": PREFERENCES,
        "/GeneralLedger/TaxCode": rows(*TAX),
        "/GeneralLedger/Account": rows(*ACCOUNTS),
    }
    return Shelf(paths | more)


async def test_a_company_is_described() -> None:
    found = await company.describe(books())
    assert (found.id, found.name, found.currency) == ("cf-1", "Kauri", "NZD")
    assert found.currencies == ("NZD",)
    assert str(found.lock_date) == "2026-06-30"
    assert [one.code for one in found.accounts] == ["1-1110", "4-1000"]
    assert [one.takes_payments for one in found.accounts] == [True, False]
    assert [(one.name, one.sales) for one in found.tax_codes] == [
        ("S15", True),
        ("NTR", True),
        ("IMP", False),
    ]
    assert found.features == {"reversal-only", "category-required"}
    assert found.trackings == ()


async def test_the_country_is_told_by_the_file_or_its_tax_and_never_guessed() -> None:
    plain = {"/": {"CompanyFile": {"Id": "cf-1", "Name": "Kauri"}}}
    assert (await company.describe(books(**plain))).currency == "NZD"
    with pytest.raises(Unavailable):
        await company.describe(books(**plain, **{"/GeneralLedger/TaxCode": rows()}))


async def test_a_company_without_accounts_is_not_read_yet() -> None:
    shelf = books()
    del shelf.rows["/GeneralLedger/Account"]  # type: ignore[attr-defined]
    with pytest.raises(Unavailable):
        await company.describe(shelf)


async def test_what_its_invoices_prove_of_rounding_is_kept() -> None:
    line = {"Total": 0, "TaxCode": {"UID": "t1"}}
    proof = {
        "IsTaxInclusive": False,
        "TotalTax": 0,
        "Lines": [{**line, "Total": "0.03"}, {**line, "Total": "0.03"}],
    }
    found = await company.describe(books(**{"/Sale/Invoice/Service": rows(proof)}))
    assert "tax-rounded-per-line" in found.features
