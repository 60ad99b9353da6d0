"""Section 4 of the dossier, invoices: create, find, update, what an answer shows."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.services.sandbox.xero import keys
from tests.services.sandbox.xero.client import XeroClient, errors, unique
from tests.services.sandbox.xero.oauth import sign_in

NOBODY = "00000000-0000-0000-0000-00000000dead"


def test_create_answers_with_every_documented_key(xero: XeroClient) -> None:
    """`200 {"Id":…,"Status":"OK",…,"Invoices":[{…}]}`: the keys of the example, all of them."""
    rate = xero.rate()["EffectiveRate"]
    sale = xero.sale(InvoiceNumber="KP-10042", Reference="job 77", LineAmountTypes="Exclusive")
    sale["LineItems"] = [xero.line("50.00", Quantity=2)]
    made = xero.create("Invoices", sale)
    assert set(made) >= keys.INVOICE | {"StatusAttributeString"}
    assert set(made["Contact"]) >= keys.CONTACT
    [line] = made["LineItems"]
    assert set(line) >= keys.LINE
    assert made["InvoiceNumber"] == "KP-10042"
    assert made["Reference"] == "job 77"
    assert made["SubTotal"] == 100
    assert made["TotalTax"] == rate
    assert made["Total"] == made["AmountDue"] == 100 + rate
    assert (made["AmountPaid"], made["CurrencyRate"], made["SentToContact"]) == (0, 1, False)
    assert (made["DateString"], made["DueDateString"]) == (
        "2026-09-01T00:00:00",
        "2026-09-15T00:00:00",
    )
    assert made["Date"] == "/Date(1788220800000+0000)/"
    assert (line["LineAmount"], line["TaxAmount"], line["Quantity"]) == (100, rate, 2)


def test_envelope_date_has_no_offset(xero: XeroClient) -> None:
    """The envelope `DateTimeUTC` has **no** `+0000`."""
    stamp = xero.get("/Invoices")["DateTimeUTC"]
    assert stamp.startswith("/Date(")
    assert "+" not in stamp


def test_put_refuses_a_known_number(xero: XeroClient) -> None:
    """Number: unique among ACCREC ("Invoice # must be unique." on PUT)."""
    number = xero.invoice()["InvoiceNumber"]
    body = {"Invoices": [xero.sale(InvoiceNumber=number)]}
    xero.refuse("PUT", "/Invoices", body, "Invoice # must be unique.")


def test_post_overwrites_by_number(xero: XeroClient) -> None:
    """Matches by `InvoiceID`, else by `InvoiceNumber` (… that number is **overwritten**)."""
    made = xero.invoice()
    sale = xero.sale(InvoiceNumber=made["InvoiceNumber"], LineItems=[xero.plain(7)])
    again = xero.create("Invoices", sale, "POST")
    assert again["InvoiceID"] == made["InvoiceID"]
    assert xero.read("Invoices", made["InvoiceID"])["SubTotal"] == 7


def test_post_matches_by_id_first(xero: XeroClient) -> None:
    """`POST /Invoices` - matches by `InvoiceID`, else by `InvoiceNumber`."""
    made = xero.invoice()
    again = xero.create("Invoices", {"InvoiceID": made["InvoiceID"], "Reference": "new"}, "POST")
    assert again["InvoiceID"] == made["InvoiceID"]
    assert again["Reference"] == "new"


def test_post_with_neither_creates(xero: XeroClient) -> None:
    """`POST /Invoices`: create or update (bulk)."""
    before = len(xero.records("Invoices"))
    xero.create("Invoices", xero.sale(), "POST")
    assert len(xero.records("Invoices")) == before + 1


def test_update_one_takes_the_wrapped_body_as_well(xero: XeroClient) -> None:
    """update one: `POST /Invoices/{InvoiceID}`."""
    key = xero.invoice()["InvoiceID"]
    assert xero.update("Invoices", key, {"Reference": "bare"})["Reference"] == "bare"
    wrapped = {"Invoices": [{"Reference": "wrapped"}]}
    assert xero.update("Invoices", key, wrapped)["Reference"] == "wrapped"


def test_read_by_id_and_by_number(xero: XeroClient) -> None:
    """read: `GET /Invoices/{InvoiceID or InvoiceNumber}`."""
    made = xero.invoice(InvoiceNumber=unique("KP"))
    by_id = xero.read("Invoices", made["InvoiceID"])
    assert xero.read("Invoices", made["InvoiceNumber"]) == by_id
    assert by_id["LineItems"] == made["LineItems"]


def test_find_by_numbers_and_ids(xero: XeroClient) -> None:
    """find: `?InvoiceNumbers=INV-1,INV-2` ; by ids `?IDs=`."""
    first, second, _ = (xero.invoice() for _ in range(3))
    for parameter, field in (("InvoiceNumbers", "InvoiceNumber"), ("IDs", "InvoiceID")):
        found = xero.records("Invoices", **{parameter: f"{first[field]},{second[field]}"})
        assert {i["InvoiceID"] for i in found} == {first["InvoiceID"], second["InvoiceID"]}


def test_find_by_contact_and_status(xero: XeroClient) -> None:
    """find: `?ContactIDs=`, `?Statuses=`."""
    first, second = xero.invoice(), xero.invoice(Status="DRAFT")
    found = xero.records("Invoices", ContactIDs=first["Contact"]["ContactID"])
    assert [i["InvoiceID"] for i in found] == [first["InvoiceID"]]
    found = xero.records("Invoices", Statuses="DRAFT,VOIDED")
    assert [i["InvoiceID"] for i in found] == [second["InvoiceID"]]


def test_find_by_search_term(xero: XeroClient) -> None:
    """find: `?searchTerm=`."""
    made = xero.invoice(Reference=unique("job"))
    xero.invoice()
    found = xero.records("Invoices", searchTerm=made["Reference"])
    assert [i["InvoiceID"] for i in found] == [made["InvoiceID"]]


def test_find_by_where(xero: XeroClient) -> None:
    """find: `?where=`."""
    made = xero.invoice(Reference=unique("job"))
    xero.invoice()
    for field in ("Reference", "InvoiceNumber"):
        found = xero.records("Invoices", where=f'{field}=="{made[field]}"')
        assert [i["InvoiceID"] for i in found] == [made["InvoiceID"]]


def test_created_by_my_app(xero: XeroClient) -> None:
    """find: `?createdByMyApp=true`."""
    mine = xero.invoice()
    record = xero.sale(Contact={"ContactID": mine["Contact"]["ContactID"]})
    xero.sandbox.bookkeeper(xero.tenant, "add", resource="Invoices", record=record)
    found = xero.records("Invoices", createdByMyApp="true")
    assert [i["InvoiceID"] for i in found] == [mine["InvoiceID"]]
    assert len(xero.records("Invoices")) == 2


def test_summary_only(xero: XeroClient) -> None:
    """`?summaryOnly=true`: a lighter answer of the same records."""
    made = xero.invoice()
    [light] = xero.records("Invoices", summaryOnly="true", page=1)
    assert light["InvoiceID"] == made["InvoiceID"]
    assert not light.get("LineItems")
    assert set(light) < set(made) | {"Payments", "CreditNotes", "AmountCredited"} | {
        "HasAttachments",
    }


def test_required_type_contact_and_lines(xero: XeroClient) -> None:
    """Required: `Type`, `Contact`, `LineItems` (>=1)."""
    for missing in ("Type", "Contact", "LineItems"):
        sale = xero.sale(Status="DRAFT")
        del sale[missing]
        xero.refuse("PUT", "/Invoices", {"Invoices": [sale]}, "")
    xero.refuse("PUT", "/Invoices", {"Invoices": [xero.sale(LineItems=[])]}, "")


@pytest.mark.parametrize("status", ["SUBMITTED", "AUTHORISED"])
def test_required_when_approved(xero: XeroClient, status: str) -> None:
    """For `SUBMITTED`/`AUTHORISED` also `DueDate`, and each line a `Description`, …"""
    sale = xero.sale(Status=status)
    del sale["DueDate"]
    xero.refuse("PUT", "/Invoices", {"Invoices": [sale]}, "")
    for missing in ("Description", "UnitAmount", "AccountCode"):
        sale = xero.sale(Status=status)
        del sale["LineItems"][0][missing]
        xero.refuse("PUT", "/Invoices", {"Invoices": [sale]}, "")


def test_a_draft_needs_less(xero: XeroClient) -> None:
    """Status defaults to `DRAFT`, which needs neither a due date nor account codes."""
    sale = xero.sale(LineItems=[{"Description": "Flyers", "Quantity": 1, "UnitAmount": 5}])
    del sale["DueDate"], sale["Status"]
    assert xero.create("Invoices", sale)["Status"] == "DRAFT"


def test_contact_by_name_finds_or_makes_one(xero: XeroClient) -> None:
    """`Contact` (`ContactID`, or `Name` which finds or makes one)."""
    name = unique("Rata Cafe")
    first = xero.invoice(Contact={"Name": name})["Contact"]
    second = xero.invoice(Contact={"Name": name})["Contact"]
    assert first["ContactID"] == second["ContactID"]
    assert xero.read("Contacts", first["ContactID"])["Name"] == name


def test_contact_by_unknown_id_is_refused(xero: XeroClient) -> None:
    """Required: `Contact` (`ContactID`, …)."""
    body = {"Invoices": [xero.sale(Contact={"ContactID": NOBODY})]}
    xero.refuse("PUT", "/Invoices", body, "")


def test_date_defaults_to_today_in_the_organisations_zone(xero: XeroClient) -> None:
    """`Date` defaults to today in the organisation's time zone."""
    now = datetime.now(UTC)
    evening = now.replace(hour=20, minute=0) + timedelta(days=1)  # already tomorrow in Auckland
    xero.sandbox.advance((evening - now).total_seconds())
    xero.token = sign_in(xero.sandbox)
    sale = xero.sale(Status="DRAFT")
    del sale["Date"], sale["DueDate"]
    made = xero.create("Invoices", sale)
    assert made["DateString"][:10] == (evening.date() + timedelta(days=1)).isoformat()


def test_absent_number_takes_the_next_of_the_sequence(xero: XeroClient) -> None:
    """Number: absent = next of the organisation's sequence."""
    numbers = [xero.invoice()["InvoiceNumber"] for _ in range(3)]
    counted = [int("".join(c for c in number if c.isdigit())) for number in numbers]
    assert counted == [counted[0], counted[0] + 1, counted[0] + 2]


def test_number_of_255_characters(xero: XeroClient) -> None:
    """Number: <=255 chars."""
    xero.invoice(InvoiceNumber="N" * 255)
    xero.refuse("PUT", "/Invoices", {"Invoices": [xero.sale(InvoiceNumber="N" * 256)]}, "")


def test_a_voided_number_may_stay_taken(xero: XeroClient) -> None:
    """Number: unique among ACCREC; whether a voided one counts is not said: both answers pass."""
    made = xero.invoice()
    xero.update("Invoices", made["InvoiceID"], {"Status": "VOIDED"})
    [again] = xero.bulk("Invoices", [xero.sale(InvoiceNumber=made["InvoiceNumber"])])
    assert errors(again) in ([], ["Invoice # must be unique."])


def test_bill_number_is_not_unique(xero: XeroClient) -> None:
    """ACCPAY: not unique, holds the supplier's own reference."""
    number = xero.invoice()["InvoiceNumber"]
    bills = [xero.create("Invoices", xero.bill(InvoiceNumber=number)) for _ in range(2)]
    assert {b["InvoiceNumber"] for b in bills} == {number}


def test_reference_works_on_sales_only(xero: XeroClient) -> None:
    """`Reference` works on ACCREC only."""
    assert xero.invoice(Reference="job 77")["Reference"] == "job 77"
    bill = xero.create("Invoices", xero.bill(Reference="job 77"))
    assert bill.get("Reference", "") == ""


def test_url_is_kept(xero: XeroClient) -> None:
    """`Url` (absolute link) shows "Go to <app>" in the UI - use it for the product's deep link."""
    url = "https://product.example/invoices/77"
    made = xero.invoice(Url=url)
    assert xero.read("Invoices", made["InvoiceID"])["Url"] == url


def test_currency_must_be_enabled(xero: XeroClient) -> None:
    """`CurrencyCode` must be enabled in the organisation (`PUT /Currencies`)."""
    body = {"Invoices": [xero.sale(CurrencyCode="EUR")]}
    xero.refuse("PUT", "/Invoices", body, "")
    xero.call("PUT", "/Currencies", json={"Code": "EUR", "Description": "Euro"})
    made = xero.invoice(CurrencyCode="EUR", CurrencyRate=0.55)
    assert made["CurrencyCode"] == "EUR"
    assert float(made["CurrencyRate"]) == 0.55


def test_an_absent_currency_rate_is_filled(xero: XeroClient) -> None:
    """`CurrencyRate` absent = XE.com day rate."""
    xero.call("PUT", "/Currencies", json={"Code": "EUR", "Description": "Euro"})
    assert xero.invoice(CurrencyCode="EUR")["CurrencyRate"] > 0
    assert xero.invoice()["CurrencyRate"] == 1
