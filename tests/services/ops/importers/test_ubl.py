"""The UBL importer on examples of the EN 16931 validation artefacts, and on spoilt copies."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from contracts.entities import CreditNote, Invoice, LineKind
from contracts.messages import EntityPut
from services.ops.importers.refused import Refused
from services.ops.importers.ubl import messages

DATA = Path(__file__).parents[3] / "data" / "ubl"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def content(name: str) -> bytes:
    return (DATA / f"ubl-tc434-{name}.xml").read_bytes()


def imported(content: bytes) -> tuple[EntityPut, EntityPut]:
    contact, document = messages(content, tenant="acme", made_at=NOW, where="file.xml")
    assert isinstance(contact, EntityPut)
    assert isinstance(document, EntityPut)
    return contact, document


def invoice(name: str) -> Invoice:
    entity = imported(content(name))[1].entity
    assert isinstance(entity, Invoice)
    return entity


def refusal(content: bytes) -> str:
    (refused,) = messages(content, tenant="acme", made_at=NOW, where="file.xml")
    assert isinstance(refused, Refused)
    return str(refused)


def money(*amounts: str) -> list[Decimal]:
    return [Decimal(amount) for amount in amounts]


def totals(entity: Invoice | CreditNote) -> list[Decimal]:
    return [entity.totals.net, entity.totals.tax, entity.totals.gross]


@pytest.mark.parametrize(
    ("name", "amounts"),
    [
        ("example1", ("229.60", "20.73", "250.33")),
        ("example2", ("1436.50", "365.28", "1801.78")),
        ("example5", ("4000.00", "675.00", "4675.00")),
    ],
)
def test_totals_are_the_document_s(name: str, amounts: Iterable[str]) -> None:
    assert totals(invoice(name)) == money(*amounts)


def test_the_credit_note() -> None:
    contact, put = imported(content("creditnote1"))
    note = put.entity
    assert isinstance(note, CreditNote)
    assert (note.number, note.currency) == ("018304 / 28865", "EUR")
    assert totals(note) == money("100.11", "0.00", "100.11")
    assert note.customer == contact.entity.id == "BE0000000295"


def test_the_document_carries_its_contact_and_items_along() -> None:
    contact, put = imported(content("example5"))
    carried = [(included.entity.type, included.entity.id) for included in put.included]
    assert carried == [
        ("contact", "5790000436057"),
        ("item", "JB007"),
        ("item", "JB008"),
        ("item", "JB009"),
    ]
    assert put.included[0].entity == contact.entity
    assert {included.made_at for included in put.included} == {NOW}


def test_the_terms_of_the_header() -> None:
    entity = invoice("example5")
    assert (entity.number, entity.job, entity.purchase_order) == ("TOSL110", "Project345", "PO4711")
    assert (entity.issue_date, entity.due_date) == (date(2013, 4, 10), date(2013, 5, 10))
    assert (entity.buyer_reference, entity.currency) == ("qwerty", "DKK")
    assert entity.note == "Ordered through our website#Ordering information"


def test_the_buyer() -> None:
    contact = imported(content("example2"))[0].entity
    assert contact.model_dump(exclude_defaults=True, mode="json", exclude={"type"}) == {
        "id": "3456789012098",
        "name": "The Buyercompany",
        "first_name": "John",
        "last_name": "Doe",
        "email": "john@buyercompany.no",
        "phone": "5121230",
        "tax_number": "NO987654321MVA",
        "company_number": "987654321",
        "addresses": [
            {
                "kind": "billing",
                "lines": "Anystreet 8\nBack door",
                "city": "Anytown",
                "region": "RegionB",
                "postal_code": "101",
                "country": "NO",
            }
        ],
    }


def test_allowances_and_charges_are_lines_of_kind_fee() -> None:
    fees = [line for line in invoice("example5").lines if line.kind is LineKind.FEE]
    assert [(line.id, line.description, line.quantity, line.unit_price) for line in fees] == [
        ("1/1", "Loyal customer", *money("-1", "100.00")),
        ("1/2", "Packaging", *money("1", "100.00")),
        ("fee/1", "Loyal customer", *money("-1", "150.00")),
        ("fee/2", "Packaging", *money("1", "150.00")),
    ]
    assert {line.tax_rate for line in fees} == {25}


def test_a_return_with_a_positive_quantity_is_turned() -> None:
    line = invoice("example1").lines[19]
    assert (line.quantity, line.unit_price) == tuple(money("-6", "18.33"))


def test_a_line_whose_amount_contradicts_its_price_is_one_piece_at_that_amount() -> None:
    # The example has 2 at 1273.00 and, as the line's amount, 1273.00.
    line = invoice("example2").lines[0]
    assert (line.quantity, line.unit_price) == tuple(money("1", "1273.00"))
    assert line.description.endswith("2 EA at 1273.00")


def test_a_price_for_several_is_divided() -> None:
    priced = b'5.00</cbc:PriceAmount>\n            <cbc:BaseQuantity unitCode="EA">1000<'
    changed = content("example5").replace(
        b"5.00</cbc:PriceAmount>", priced + b"/cbc:BaseQuantity>", 1
    )
    changed = changed.replace(b">100</cbc:Invoiced", b">100000</cbc:Invoiced")
    entity = imported(changed)[1].entity
    assert isinstance(entity, Invoice)
    line = next(line for line in entity.lines if line.id == "2")
    assert (line.quantity, line.unit_price) == tuple(money("100000", "0.005"))


def test_a_negative_total_becomes_the_other_kind() -> None:
    text = content("creditnote1").decode().replace(">100.11<", ">-100.11<")
    text = text.replace('<cbc:PriceAmount currencyID="EUR">-', '<cbc:PriceAmount currencyID="EUR">')
    entity = imported(text.encode())[1].entity
    assert isinstance(entity, Invoice)
    assert totals(entity) == money("100.11", "0.00", "100.11")
    assert entity.lines[0].quantity == 1


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (b">20.73<", b">20.74<", "cac:TaxTotal/cbc:TaxAmount[@currencyID='EUR']: is 20.74, but"),
        (b">229.60</cbc:TaxEx", b">229.61</cbc:TaxEx", "TaxExclusiveAmount: is 229.61, but"),
        (b"2015-01-09</cbc:Issue", b"2015-13-09</cbc:Issue", "cbc:IssueDate: '2015-13-09' is not"),
        (b">9.95</cbc:Price", b">9,95</cbc:Price", "cbc:PriceAmount: '9,95' is not a number"),
        (b"<cbc:ID>12115118</cbc:ID>", b"", "cbc:ID: is missing"),
        (b"<cbc:RegistrationName>ODIN 59</cbc:RegistrationName>", b"", "RegistrationName: is miss"),
        (b">380<", b">389<", "cbc:InvoiceTypeCode: written by the buyer"),
        (b">EUR</cbc:Doc", b">E'R</cbc:Doc", '"E\'R" is not an ISO 4217 code'),
        (b"</Invoice>", b"", "file.xml: not an XML document"),
        (b'Invoice-2"\n', b'Order-2"\n', "not a UBL 2.1 Invoice or CreditNote"),
    ],
)
def test_what_is_wrong_is_named(old: bytes, new: bytes, sentence: str) -> None:
    assert old in content("example1")
    assert sentence in refusal(content("example1").replace(old, new, 1))


def test_entities_are_not_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    assert "not an XML document we read" in refusal(bomb)
