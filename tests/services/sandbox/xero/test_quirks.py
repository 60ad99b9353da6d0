"""Section 11 of the dossier, quirks, and section 13, what real clients send."""

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.services.sandbox.server import Json
from tests.services.sandbox.xero.client import QUIET, XeroClient, parse, unique
from tests.services.sandbox.xero.oauth import sign_in

EPOCH_2026_09_01 = "/Date(1788220800000+0000)/"


def test_document_dates_are_calendar_dates(xero: XeroClient) -> None:
    """JSON dates: `"/Date(1788220800000+0000)/"`; read them as UTC and **take the date part**."""
    made = xero.invoice(Date="2026-09-01")
    assert made["Date"] == EPOCH_2026_09_01
    assert made["DateString"] == "2026-09-01T00:00:00"


def test_updated_date_is_utc(xero: XeroClient) -> None:
    """`UpdatedDateUTC` is UTC."""
    before = datetime.now(UTC)
    stamp = xero.invoice()["UpdatedDateUTC"]
    found = re.fullmatch(r"/Date\((\d+)\+0000\)/", stamp)
    assert found
    moment = datetime.fromtimestamp(int(found[1]) / 1000, UTC)
    assert abs(moment - before) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "sent", ["2026-09-01", "2026-09-01T00:00:00", EPOCH_2026_09_01, "/Date(1788220800000)/"]
)
def test_dates_as_real_clients_send_them(xero: XeroClient, sent: str) -> None:
    """Send `YYYY-MM-DD`; the official SDK sends dates as `/Date(ms+0000)/`."""
    assert xero.invoice(Date=sent)["Date"] == EPOCH_2026_09_01


def test_booleans_are_json_booleans(xero: XeroClient) -> None:
    """…and booleans as JSON booleans."""
    made = xero.invoice()
    for field in ("SentToContact", "IsDiscounted", "HasErrors"):
        assert isinstance(made[field], bool)
    assert isinstance(made["Contact"]["IsCustomer"], bool)


def test_numbers_are_json_numbers(xero: XeroClient) -> None:
    """Numbers come back as JSON numbers …; parse as Decimal from text."""
    text = xero.send("GET", f"/Invoices/{xero.invoice()['InvoiceID']}").text
    for field in ("Total", "AmountDue", "UnitAmount", "Quantity", "TaxAmount"):
        assert re.search(rf'"{field}":\s*-?\d+(\.\d{{1,4}})?[,}}]', text), field


def test_cents_are_exact(xero: XeroClient) -> None:
    """Parse as Decimal from text: no float noise such as 0.30000000000000004."""
    made = xero.invoice(LineItems=[xero.plain(0.1), xero.plain(0.2)], LineAmountTypes="NoTax")
    text = xero.send("GET", f"/Invoices/{made['InvoiceID']}").text
    assert re.search(r'"Total":\s*0\.30?[,}]', text)


def test_without_accept_the_answer_is_xml(xero: XeroClient) -> None:
    """The XML default: forgetting `Accept` gives XML and breaks parsers."""
    for accept in ("*/*", "application/xml"):
        answer = xero.send("GET", "/Organisation", headers={"Accept": accept})
        assert answer.status_code == 200
        assert "xml" in answer.headers["content-type"]
        assert answer.text.lstrip().startswith("<")
        assert "<Organisation>" in answer.text


def test_a_number_with_a_slash(xero: XeroClient) -> None:
    """`/Invoices/{number}` fails for numbers with `/`; use `InvoiceNumbers=`."""
    made = xero.invoice(InvoiceNumber=unique("KP/2026"))
    assert xero.send("GET", f"/Invoices/{made['InvoiceNumber']}").status_code == 404
    found = xero.records("Invoices", InvoiceNumbers=made["InvoiceNumber"])
    assert [i["InvoiceID"] for i in found] == [made["InvoiceID"]]


def where(xero: XeroClient, text: str, resource: str = "Invoices") -> set[str]:
    found = xero.records(resource, where=text, page=1)
    key = {"Invoices": "InvoiceID", "Contacts": "ContactID"}[resource]
    return {record[key] for record in found}


def test_where_language(xero: XeroClient) -> None:
    """`where` mini-language: double quotes, `==`, `AND`, `DateTime(2026,09,01)`, `Guid("…")`."""
    early = xero.invoice(Date="2026-08-01", Reference="a")
    late = xero.invoice(Date="2026-09-01", Reference="b")
    both = {early["InvoiceID"], late["InvoiceID"]}
    contact = late["Contact"]["ContactID"]
    for text, expected in (
        ("Date>=DateTime(2026,09,01)", {late["InvoiceID"]}),
        ("Date<DateTime(2026,09,01)", {early["InvoiceID"]}),
        ("Date==DateTime(2026,08,01)", {early["InvoiceID"]}),
        (f'Contact.ContactID==Guid("{contact}")', {late["InvoiceID"]}),
        (f'Contact.Name=="{late["Contact"]["Name"]}"', {late["InvoiceID"]}),
        ('Type=="ACCREC" AND Reference=="a"', {early["InvoiceID"]}),
        ('Reference=="a" OR Reference=="b"', both),
        ('Status=="AUTHORISED"', both),
        ("AmountDue>0", both),
        ("AmountPaid>0", set()),
        ('Status!="AUTHORISED"', set()),
    ):
        assert where(xero, text) == expected, text


def test_where_on_due_date_and_status(xero: XeroClient) -> None:
    """indexed for Invoices: `Status`, …, `AmountDue`, `AmountPaid`, `DueDate` (section 3)."""
    made = xero.invoice(DueDate="2026-10-01")
    xero.invoice()
    text = 'DueDate>DateTime(2026,09,20) AND Status=="AUTHORISED"'
    assert where(xero, text) == {made["InvoiceID"]}


def test_where_on_contacts(xero: XeroClient) -> None:
    """indexed …: Contacts: `Name`, `EmailAddress`, `AccountNumber` (section 3)."""
    made = xero.contact(EmailAddress="rata@example.org", AccountNumber="A-1")
    xero.contact()
    for field in ("Name", "EmailAddress", "AccountNumber"):
        assert where(xero, f'{field}=="{made[field]}"', "Contacts") == {made["ContactID"]}


def test_quotes_in_a_name(xero: XeroClient) -> None:
    """Quotes in a name break it - use `searchTerm` or `IDs` instead."""
    made = xero.contact(Name=unique('Rata "the" Cafe'))
    answer = xero.send("GET", "/Contacts", params={"where": f'Name=="{made["Name"]}"'})
    assert answer.status_code == 400
    found = xero.records("Contacts", searchTerm=made["Name"])
    assert [c["ContactID"] for c in found] == [made["ContactID"]]


def test_an_inline_contact_merges_into_the_existing_one(xero: XeroClient) -> None:
    """Contacts created inline by an invoice with a similar `Name` silently merge."""
    made = xero.contact()
    invoice = xero.invoice(Contact={"Name": made["Name"].upper()})
    assert invoice["Contact"]["ContactID"] == made["ContactID"]


def test_doubled_spaces_make_false_duplicates(xero: XeroClient) -> None:
    """Names with doubled or trailing spaces make false duplicates."""
    name = unique("Rata Cafe")
    doubled = name.replace(" ", "  ", 1)
    first, second = xero.contact(Name=name), xero.contact(Name=doubled)
    assert first["ContactID"] != second["ContactID"]


def test_tax_type_names_come_from_the_organisation(xero: XeroClient) -> None:
    """tax type names differ AU/NZ/UK/US - map them from `/TaxRates`."""
    assert xero.rate()["TaxType"] in {r["TaxType"] for r in xero.records("TaxRates")}


@pytest.mark.parametrize("name", ["Käse & Brot", "شركة", "Rata 🌺 Cafe", "O'Hara \\ Söhne"])
def test_names_in_any_script(xero: XeroClient, name: str) -> None:
    """`Name` <=255: no alphabet is excluded."""
    made = xero.contact(Name=unique(name))
    assert xero.read("Contacts", made["ContactID"])["Name"] == made["Name"]


def test_read_only_booleans_sent_back(xero: XeroClient) -> None:
    """The SDK sends `HasAttachments`, `HasErrors`, `HasValidationErrors` back in bodies."""
    made = xero.invoice()
    record = json.loads(json.dumps(made, default=float)) | {"HasAttachments": True}
    again = xero.create("Invoices", record, "POST")
    assert again["InvoiceID"] == made["InvoiceID"]
    assert again["Total"] == made["Total"]


XML = """<Invoices><Invoice><Type>ACCREC</Type><Contact><Name>{name}</Name></Contact>
<Date>2026-09-01</Date><DueDate>2026-09-15</DueDate><Status>AUTHORISED</Status>
<LineItems><LineItem><Description>Flyers &amp; more</Description><Quantity>2.0</Quantity>
<UnitAmount>50.00</UnitAmount><AccountCode>{account}</AccountCode></LineItem></LineItems>
</Invoice></Invoices>"""


@pytest.mark.parametrize("wrapped", [True, False])
def test_xml_bodies(xero: XeroClient, wrapped: bool) -> None:
    """`pyxero` sends XML bodies (`<Invoices><Invoice>…` or one `<Invoice>`); numbers come back."""
    text = XML.format(name=unique("Rata"), account=xero.income)
    text = text if wrapped else text.removeprefix("<Invoices>").removesuffix("</Invoices>")
    headers = {"Content-Type": "application/xml"}
    made: list[Json] = xero.call(
        "PUT", "/Invoices", content=text.encode(), headers=headers, params=QUIET
    )["Invoices"]
    [line] = made[0]["LineItems"]
    assert (line["Description"], line["LineAmount"]) == ("Flyers & more", 100)
    assert not isinstance(line["Quantity"], str)


def test_where_terms_joined_by_ampersands(xero: XeroClient) -> None:
    """`pyxero` joins `where` terms with `&&`."""
    made = xero.invoice(Reference="a")
    xero.invoice(Reference="b")
    assert where(xero, 'Type=="ACCREC"&&Reference=="a"') == {made["InvoiceID"]}


def test_if_modified_since_as_rfc_1123(xero: XeroClient) -> None:
    """`pyxero` sends `If-Modified-Since` as RFC 1123."""
    xero.contact()
    xero.sandbox.advance(7200)
    xero.token = sign_in(xero.sandbox)
    new = xero.contact()["ContactID"]
    moment = datetime.now(UTC) + timedelta(hours=1)
    headers = {"If-Modified-Since": format_datetime(moment, usegmt=True)}
    found = xero.call("GET", "/Contacts", params={"page": 1}, headers=headers)["Contacts"]
    assert [c["ContactID"] for c in found] == [new]


def test_bytes_of_the_answer_are_utf_8(xero: XeroClient) -> None:
    """JSON only if `Accept: application/json` is sent (section 1)."""
    answer = xero.send("GET", "/Organisation")
    assert answer.headers["content-type"].startswith("application/json")
    assert parse(answer.content.decode("utf-8"))["Status"] == "OK"
