"""What is asked of Xero to read, find and list records, and to describe the company."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from contracts.values import EntityType
from libs.connector.errors import Rejected, Unavailable
from libs.connector.interface import Notice, Wanted
from libs.testing import builders
from tests.services.connectors.xero.around import MARKER, XERO, invoice
from tests.services.connectors.xero.replay import Replay

NOTHING: dict[str, Any] = {}
TENANT = "70784a63-d24b-46a9-a4db-0e70a274b056"


def an_invoice(identity: str, **more: Any) -> dict[str, Any]:
    return {"Type": "ACCREC", "InvoiceID": identity, "Status": "AUTHORISED", **more}


def a_contact(identity: str) -> dict[str, Any]:
    return {"ContactID": identity, "Name": identity}


def wanted(number: str = "", kind: EntityType = EntityType.INVOICE, **more: Any) -> Wanted:
    default: dict[str, Any] = {"id": "i1", "marker": MARKER, "entity": invoice(job='6" job 77')}
    return Wanted(kind, number=number, **default | more)


async def test_invoices_are_read_forty_at_a_time_with_their_lines() -> None:
    session = Replay([{"Invoices": [an_invoice("a"), {"InvoiceID": "b", "Type": "ACCPAY"}]}])
    ids = [f"{n:036}" for n in range(90)]
    found = await XERO.read(session, EntityType.INVOICE, dict.fromkeys(ids, ()))
    assert list(found) == ["a", "b"]
    # A bill is hinted at as an invoice is: it names itself as what it is.
    assert found["b"].belongs_to == Notice(EntityType.BILL, "b")
    assert [len(params["IDs"].split(",")) for _, params, _ in session.asked] == [40, 40, 10]
    assert all(params["page"] == "1" for _, params, _ in session.asked)


async def test_contacts_are_read_with_the_archived_ones() -> None:
    merged = {**a_contact("c"), "ContactStatus": "ARCHIVED", "MergedToContactID": "d"}
    session = Replay([{"Contacts": [merged]}])
    found = await XERO.read(session, EntityType.CONTACT, {"c": ()})
    assert found["c"].replaced_by == "d"
    assert session.asked[0][1] == {"includeArchived": "true", "page": "1", "IDs": "c"}


@pytest.mark.parametrize("kind", [EntityType.CREDIT_NOTE, EntityType.PAYMENT, EntityType.ITEM])
async def test_what_is_not_there_is_left_out(kind: EntityType) -> None:
    assert await XERO.read(Replay([404]), kind, {"gone": ()}) == {}


async def test_numbered_invoices_are_found_in_bulk() -> None:
    """A bill with the same number is somebody else's; a deleted one of ours is shown."""
    answer = {
        "Invoices": [
            an_invoice("a", InvoiceNumber="INV-1", Reference=f"job {MARKER}", Status="DELETED"),
            {"InvoiceID": "b", "Type": "ACCPAY", "InvoiceNumber": "INV-1"},
        ]
    }
    session = Replay([answer])
    found = await XERO.find(session, EntityType.INVOICE, [wanted("INV-1"), wanted("INV-2")])
    assert [(r.id, r.state, r.marker) for r in found] == [("a", "deleted", MARKER)]
    assert session.asked == [("/Invoices", {"page": "1", "InvoiceNumbers": "INV-1,INV-2"}, {})]


async def test_long_numbers_are_asked_for_in_several_calls() -> None:
    session = Replay([NOTHING])
    numbers = ["N" * 250 + str(n) for n in range(10)]
    await XERO.find(session, EntityType.INVOICE, [wanted(number) for number in numbers])
    assert all(len(params["InvoiceNumbers"]) < 1600 for _, params, _ in session.asked)
    assert ",".join(p["InvoiceNumbers"] for _, p, _ in session.asked).split(",") == numbers


@pytest.mark.parametrize("number", ["", "with, a comma"])
async def test_other_invoices_are_found_by_their_reference_and_by_the_marker(number: str) -> None:
    session = Replay([{"Invoices": [an_invoice("a")]}])
    found = await XERO.find(session, EntityType.INVOICE, [wanted(number)])
    assert [record.id for record in found] == ["a"]
    asked = [params for _, params, _ in session.asked]
    assert asked == [
        {"page": "1", "where": f"Reference==\"6'' job 77 {MARKER}\""},
        {"page": "1", "searchTerm": MARKER},
    ]


@pytest.mark.parametrize(
    ("one", "where"),
    [
        (wanted("CN-1", EntityType.CREDIT_NOTE), 'CreditNoteNumber=="CN-1"'),
        (
            wanted('CN"1', EntityType.CREDIT_NOTE, entity=builders.credit_note(job="job")),
            f'Reference=="job {MARKER}"',
        ),
        (
            wanted(kind=EntityType.PAYMENT, entity=builders.payment(invoice(), reference="ch_77")),
            f'Reference=="ch_77 {MARKER}"',
        ),
        (wanted(kind=EntityType.CONTACT, id="c1"), f'ContactNumber=="c1 {MARKER}"'),
        (wanted("85123A", EntityType.ITEM), 'Code=="85123A"'),
    ],
)
async def test_other_records_are_found_by_a_where(one: Wanted, where: str) -> None:
    session = Replay([NOTHING])
    assert not await XERO.find(session, one.type, [one])
    ((_, params, _),) = session.asked
    assert params["where"] == where


async def test_several_items_are_found_in_the_one_list_by_the_codes_they_were_given() -> None:
    long = "A very long stock code of 40 characters!"
    answer = {"Items": [{"ItemID": "1", "Code": "85123A"}, {"ItemID": "2", "Code": "other"}]}
    session = Replay([answer])
    asked = [wanted("85123A", EntityType.ITEM), wanted(long, EntityType.ITEM)]
    assert [r.id for r in await XERO.find(session, EntityType.ITEM, asked)] == ["1"]
    assert session.asked == [("/Items", {}, {})]


async def test_changes_are_listed_by_their_time_in_utc_page_by_page() -> None:
    first = {"Contacts": [a_contact(str(n)) for n in range(200)]}
    session = Replay([first, {"Contacts": [a_contact("last")]}])
    since = datetime(2026, 9, 10, 15, 0, 0, 900_000, timezone(timedelta(hours=12)))
    pages = [page async for page in XERO.changes(session, EntityType.CONTACT, since)]
    assert [len(page) for page in pages] == [200, 1]
    assert [params["page"] for _, params, _ in session.asked] == ["1", "2"]
    assert session.asked[0][1]["order"] == "UpdatedDateUTC ASC"
    assert session.asked[0][2] == {"If-Modified-Since": "2026-09-10T03:00:00"}


@pytest.mark.parametrize("nothing", [304, {"Contacts": []}, 404])
async def test_no_change_is_no_page(nothing: Any) -> None:
    session = Replay([nothing])
    assert not [page async for page in XERO.changes(session, EntityType.CONTACT, None)]


async def test_a_page_of_bills_alone_is_followed_by_the_next() -> None:
    bills = {"Invoices": [{"InvoiceID": str(n), "Type": "ACCPAY"} for n in range(200)]}
    session = Replay([bills, {"Invoices": [an_invoice("a")]}])
    pages = [page async for page in XERO.changes(session, EntityType.INVOICE, None)]
    assert [len(page) for page in pages] == [0, 1]


async def test_the_census_of_items_is_one_unpaged_list() -> None:
    session = Replay([{"Items": [{"ItemID": "1", "Code": "a"}, {"ItemID": "2", "Code": "b"}]}])
    assert list(await XERO.census(session, EntityType.ITEM)) == ["1", "2"]
    assert session.asked == [("/Items", {}, {})]


def test_notices_are_ids_in_mixed_case_for_one_company() -> None:
    body = (
        b'{"events":[{"resourceId":"a","eventDateUtc":"2026-09-10T03:12:45.557",'
        b'"eventType":"Update","eventCategory":"INVOICE","tenantId":"%(t)s"},'
        b'{"resourceId":"b","eventCategory":"Contact","tenantId":"%(t)s",'
        b'"eventDateUTC":"2026-09-10T03:12:45.557"},'
        b'{"resourceId":"c","eventCategory":"CREDITNOTE","tenantId":"%(t)s",'
        b'"data":{"Type":"ACCRECCREDIT","Status":"AUTHORISED"}},'
        b'{"resourceId":"d","eventCategory":"SUBSCRIPTION","tenantId":"%(t)s"},'
        b'{"resourceId":"e","eventCategory":"INVOICE","tenantId":"another"}]}'
    ) % {b"t": TENANT.encode()}
    at = datetime(2026, 9, 10, 3, 12, 45, 557_000, UTC)
    assert XERO.notices(body, TENANT) == [
        Notice(EntityType.INVOICE, "a", at),
        Notice(EntityType.CONTACT, "b", at),
        Notice(EntityType.CREDIT_NOTE, "c"),
    ]


def test_the_intent_to_receive_is_no_notice() -> None:
    assert not XERO.notices(b'{"events":[],"firstEventSequence":0,"entropy":"Q"}', TENANT)


@pytest.mark.parametrize("body", [b"", b"<xml/>", b"[]", b'{"events":7}', b'{"events":["x"]}'])
def test_another_body_is_rejected(body: bytes) -> None:
    with pytest.raises(Rejected):
        XERO.notices(body, TENANT)


ORGANISATION = {
    "OrganisationID": TENANT,
    "Name": "Kauri Print Ltd",
    "BaseCurrency": "NZD",
    "CountryCode": "NZ",
    "Timezone": "NEWZEALANDSTANDARDTIME",
    "ShortCode": "!Ab1c",
    "PeriodLockDate": "/Date(1788134400000+0000)/",
    "EndOfYearLockDate": "/Date(1774915200000+0000)/",
}
ACCOUNTS = [
    {"AccountID": "1", "Code": "200", "Name": "Sales", "Type": "REVENUE", "Status": "ACTIVE"},
    {"AccountID": "2", "Name": "Bank", "Type": "BANK", "Class": "ASSET", "Status": "ARCHIVED"},
    {
        "AccountID": "3",
        "Code": "610",
        "Name": "Debtors",
        "Type": "CURRENT",
        "Class": "ASSET",
        "SystemAccount": "DEBTORS",
        "Status": "ACTIVE",
    },
    {
        "AccountID": "4",
        "Code": "970",
        "Name": "Owner",
        "Type": "EQUITY",
        "Class": "EQUITY",
        "EnablePaymentsToAccount": True,
        "Status": "ACTIVE",
    },
]
RATES = [
    {
        "TaxType": "TAX001",
        "Name": "Two of them",
        "EffectiveRate": 14.9750001,
        "Status": "ACTIVE",
        "CanApplyToRevenue": True,
        "TaxComponents": [
            {"Name": "GST", "Rate": 5, "IsCompound": False},
            {"Name": "QST", "Rate": 9.975, "IsCompound": True},
        ],
    }
]
TRACKINGS = [
    {
        "TrackingCategoryID": "t",
        "Name": "Region",
        "Options": [{"TrackingOptionID": "o", "Name": "North"}],
    }
]


async def test_the_company_is_described_in_five_calls() -> None:
    session = Replay(
        [
            {"Organisations": [ORGANISATION]},
            {"Accounts": ACCOUNTS},
            {"TaxRates": RATES},
            {"TrackingCategories": TRACKINGS},
            {"Currencies": [{"Code": "NZD", "Description": "New Zealand Dollar"}]},
        ]
    )
    company = await XERO.describe(session)
    paths = [path for path, _, _ in session.asked]
    assert paths == [
        "/Organisation",
        "/Accounts",
        "/TaxRates",
        "/TrackingCategories",
        "/Currencies",
    ]
    assert (company.id, company.currency, company.code) == (TENANT, "NZD", "!Ab1c")
    assert company.lock_date == date(2026, 8, 31)
    assert [a.kind for a in company.accounts] == ["income", "bank", "receivable", "equity"]
    assert [a.takes_payments for a in company.accounts] == [False, True, False, True]
    assert [a.active for a in company.accounts] == [True, False, True, True]
    (tax,) = company.tax_codes
    assert tax.rate == Decimal("14.975")
    assert [part.compound for part in tax.components] == [False, True]
    assert company.trackings[0].options == {"o": "North"}


async def test_a_company_that_cannot_be_read_is_tried_again() -> None:
    with pytest.raises(Unavailable):
        await XERO.describe(Replay([404]))
