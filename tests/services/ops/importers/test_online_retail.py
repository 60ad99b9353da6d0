"""The Online Retail importer: one real day in full, and what real files hold besides."""

import gzip
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from contracts.entities import Contact, CreditNote, Entity, Invoice, Item
from contracts.messages import EntityPut
from services.ops.importers.online_retail import Options, messages
from services.ops.importers.refused import Imported, Refused, UnknownFormat
from services.ops.sample import DAY, sample

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
WHEN = "2010-12-01 08:26:00"


def read_sample() -> list[str]:
    return gzip.decompress(sample(DAY).read_bytes()).decode().splitlines(keepends=True)


def read(*rows: str) -> Callable[[], Iterable[str]]:
    return lambda: [HEADER, *(f"{row}\n" for row in rows)]


def options(**given: date) -> Options:
    return Options("demo", NOW, **given)


def entities(found: Iterable[Imported]) -> list[Entity]:
    return [message.entity for message in found if isinstance(message, EntityPut)]


def refused(found: Iterable[Imported]) -> list[str]:
    return [str(message) for message in found if isinstance(message, Refused)]


def test_the_sample_day_holds_what_its_attribution_says() -> None:
    found = entities(messages(read_sample, options()))
    invoices = [entity for entity in found if isinstance(entity, Invoice)]
    notes = [entity for entity in found if isinstance(entity, CreditNote)]
    documents: list[Invoice | CreditNote] = [*invoices, *notes]
    assert (len(invoices), len(notes)) == (137, 6)
    assert sum(len(document.lines) for document in documents) == 3108
    assert sum(document.customer == "cash-sales" for document in documents) == 16
    assert sum(document.totals.gross == 0 for document in documents) == 10
    assert sum(isinstance(entity, Item) for entity in found) == 1351
    assert sum(isinstance(entity, Contact) for entity in found) == 99


def test_the_sample_day_comes_to_these_sums() -> None:
    sums: Counter[str] = Counter()
    for entity in entities(messages(read_sample, options())):
        if isinstance(entity, Invoice | CreditNote):
            for name in ("net", "tax", "gross"):
                sums[f"{entity.type} {name}"] += getattr(entity.totals, name)
    # Reckoned apart from the importer, with awk over the lines of the file.
    assert sums["invoice net"] == Decimal("58960.79")
    assert sums["credit_note net"] == Decimal("325.23")
    assert sums["invoice gross"] == sums["invoice net"] + sums["invoice tax"]


def test_every_reference_is_published_before_the_document_that_names_it() -> None:
    seen: set[str] = set()
    for entity in entities(messages(read_sample, options())):
        if isinstance(entity, Invoice | CreditNote):
            assert entity.customer in seen
            assert {line.item for line in entity.lines} <= seen
        else:
            assert entity.id not in seen
            seen.add(entity.id)


def test_reading_twice_gives_the_same() -> None:
    assert list(messages(read_sample, options())) == list(messages(read_sample, options()))


def test_vat_is_20_percent_at_home_and_none_elsewhere_rounded_once_per_rate() -> None:
    home = [f"1,A,x,1,{WHEN},0.03,17850.0,United Kingdom"] * 3
    abroad = [f"2,A,x,1,{WHEN},10,12583.0,France"]
    *_, first, second = entities(messages(read(*home, *abroad), options()))
    assert isinstance(first, Invoice)
    assert isinstance(second, Invoice)
    # Three times 0.006 rounded each is 0.03; 20 % of 0.09 is 0.02.
    assert first.totals.tax == Decimal("0.02")
    assert second.totals.tax == 0
    assert second.lines[0].tax_rate == 0


def test_a_cancellation_is_a_credit_note_with_positive_quantities() -> None:
    *_, note = entities(messages(read(f"C5,A,x,-3,{WHEN},2.50,17850.0,France"), options()))
    assert isinstance(note, CreditNote)
    assert (note.number, note.lines[0].quantity) == ("C5", Decimal(3))
    assert note.totals.gross == Decimal("7.50")


def test_a_negative_total_is_a_credit_note_with_a_positive_price() -> None:
    row = f"A563186,B,Adjust bad debt,1,{WHEN},-11062.06,,United Kingdom"
    *_, note = entities(messages(read(row), options()))
    assert isinstance(note, CreditNote)
    line = note.lines[0]
    assert (line.quantity, line.unit_price) == (Decimal(1), Decimal("11062.06"))
    assert note.totals.net == Decimal("11062.06")


def test_a_stock_code_is_one_item_named_by_its_first_description() -> None:
    rows = (
        f"1,84596b,,1,{WHEN},0,,France",
        f"1,84596B,MIX BAG ,1,{WHEN},1,,France",
        f"1,84596B,other,1,{WHEN},1,,France",
    )
    found = entities(messages(read(*rows), options()))
    items = [entity for entity in found if isinstance(entity, Item)]
    assert [(item.code, item.name) for item in items] == [("84596B", "MIX BAG")]
    document = found[-1]
    assert isinstance(document, Invoice)
    assert [line.description for line in document.lines] == ["", "MIX BAG", "other"]


def test_customers_are_named_by_their_number_and_the_others_are_cash_sales() -> None:
    rows = (f"1,A,x,1,{WHEN},1,17850.0,Norway", f"2,A,x,1,{WHEN},1,,Norway")
    contacts = [e for e in entities(messages(read(*rows), options())) if isinstance(e, Contact)]
    assert [(contact.id, contact.name) for contact in contacts] == [
        ("17850", "Customer 17850"),
        ("cash-sales", "Cash sales"),
    ]
    assert [address.country for address in contacts[0].addresses] == ["NO"]


def test_lines_of_an_invoice_need_not_stand_together() -> None:
    rows = (
        f"1,A,x,1,{WHEN},1,17850.0,France",
        f"2,A,x,1,{WHEN},1,17850.0,France",
        f"1,A,x,1,{WHEN},1,17850.0,France",
    )
    found = entities(messages(read(*rows), options()))
    documents = [entity for entity in found if isinstance(entity, Invoice)]
    assert [(document.id, len(document.lines)) for document in documents] == [("2", 1), ("1", 2)]


def test_only_the_day_asked_for() -> None:
    rows = (
        f"1,A,x,1,{WHEN},1,17850.0,France",
        "2,B,y,1,2010-12-02 08:26:00,1,12583.0,France",
    )
    found = entities(messages(read(*rows), options(day=date(2010, 12, 2))))
    assert [entity.id for entity in found] == ["12583", "B", "2"]


def test_the_issue_date_may_be_replaced() -> None:
    rows = read(f"1,A,x,1,{WHEN},1,17850.0,France")
    *_, own = entities(messages(rows, options()))
    *_, other = entities(messages(rows, options(issue_date=date(2026, 3, 1))))
    assert isinstance(own, Invoice)
    assert isinstance(other, Invoice)
    assert (own.issue_date, other.issue_date) == (date(2010, 12, 1), date(2026, 3, 1))


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (f"1,A,x,two,{WHEN},1,,France", "line 2: Quantity: 'two' cannot be read"),
        (f"1,A,x,1,{WHEN},NaN,,France", "line 2: UnitPrice: 'NaN' cannot be read"),
        ("1,A,x,1,yesterday,1,,France", "line 2: InvoiceDate: 'yesterday' cannot be read"),
        (f"1,A,x,1,{WHEN},1", "line 2: CustomerID: is missing"),
        (f",A,x,1,{WHEN},1,,France", "line 2: InvoiceNo: is missing"),
        (f"1,A,x\x00y,1,{WHEN},1,,France", "line 2: Description: contains a control character"),
        (f"1,A,x,1,{WHEN},0.0000001,,France", "document 1: unit_price: "),
    ],
)
def test_a_bad_line_spoils_its_invoice_and_the_rest_goes_on(row: str, sentence: str) -> None:
    more = (f"1,A,x,1,{WHEN},1,,France", f"2,A,x,1,{WHEN},1,,France")
    found = list(messages(read(row, *more), options(day=date(2010, 12, 1))))
    assert any(sentence in told for told in refused(found)), refused(found)
    documents = [entity.id for entity in entities(found) if isinstance(entity, Invoice)]
    assert documents in (["2"], ["1", "2"])
    assert ("1" in documents) == row.startswith(",")


def test_another_csv_is_refused_by_its_header() -> None:
    with pytest.raises(UnknownFormat, match="no StockCode"):
        list(messages(lambda: ["InvoiceNo,Description\n"], options()))
