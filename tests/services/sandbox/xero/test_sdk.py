"""The vendor's own SDK, xero-python, end to end: it knows nothing of this sandbox."""

import time
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from xero_python.accounting.models import (
    Allocation,
    Allocations,
    Contact,
    Contacts,
    CreditNote,
    CreditNotes,
    Invoice,
    Invoices,
    Item,
    Items,
    LineAmountTypes,
    PaymentDelete,
)
from xero_python.api_client.oauth2 import TokenApi
from xero_python.exceptions import HTTPStatusException, RateLimitException
from xero_python.exceptions.http_status_exceptions import BadRequestException

from tests.services.sandbox.server import Sandbox
from tests.services.sandbox.xero.client import unique
from tests.services.sandbox.xero.sdk import DAY, Sdk


@pytest.fixture(autouse=True)
def token_urls(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK's token URLs are class attributes, to be overridden."""
    name = "strict" if "strict" in request.fixturenames else "sandbox"
    root = request.getfixturevalue(name).root
    monkeypatch.setattr(TokenApi, "refresh_token_url", f"{root}/connect/token")
    monkeypatch.setattr(TokenApi, "revoke_token_url", f"{root}/connect/revocation")


@pytest.fixture
def sdk(sandbox: Sandbox) -> Iterator[Sdk]:
    """The SDK, signed in, with a company of its own."""
    made = Sdk(sandbox)
    yield made
    made.client.rest_client.pool_manager.clear()


def test_token_set_and_refresh(sdk: Sdk) -> None:
    """OAuth token set + refresh: the SDK refreshes by itself once the token has expired."""
    old = dict(sdk.token)
    sdk.sandbox.advance(1_801)
    sdk.token["expires_at"] = time.time() - 1
    assert sdk.accounting.get_organisations(sdk.company).organisations
    assert sdk.token["access_token"] != old["access_token"]
    assert sdk.token["refresh_token"] != old["refresh_token"]


def test_revoke(sdk: Sdk) -> None:
    """revoke: the SDK sends the credentials in the body and wants 200."""
    sdk.client.revoke_oauth2_token()
    assert sdk.token["access_token"] is None


def test_connections(sdk: Sdk) -> None:
    """`/Connections` with a capital C; one is ended by its connection id."""
    found = sdk.identity.get_connections()
    [mine] = [c for c in found if c.tenant_id == sdk.company]
    assert mine.tenant_type == "ORGANISATION"
    sdk.identity.delete_connection(mine.id)
    assert mine.id not in {c.id for c in sdk.identity.get_connections()}
    with pytest.raises(HTTPStatusException) as refused:
        sdk.accounting.get_organisations(sdk.company)
    assert refused.value.status == 403


def test_organisation_and_settings(sdk: Sdk) -> None:
    """What is read at connect, all parsed by the SDK's own models."""
    [organisation] = sdk.accounting.get_organisations(sdk.company).organisations
    assert str(getattr(organisation.base_currency, "value", organisation.base_currency)) == "NZD"
    assert sdk.accounting.get_tax_rates(sdk.company).tax_rates
    assert sdk.accounting.get_accounts(sdk.company).accounts
    assert sdk.accounting.get_tracking_categories(sdk.company).tracking_categories is not None
    assert sdk.accounting.get_currencies(sdk.company).currencies
    assert sdk.accounting.get_branding_themes(sdk.company).branding_themes


def test_contacts(sdk: Sdk) -> None:
    """Contacts: create, update, find, archive."""
    name = unique("Rata Cafe")
    contacts = Contacts(contacts=[Contact(name=name, email_address="rata@example.org")])
    [made] = sdk.accounting.create_contacts(sdk.company, contacts, summarize_errors=False).contacts
    changed = Contacts(contacts=[Contact(contact_id=made.contact_id, first_name="Rata")])
    sdk.accounting.update_contact(sdk.company, made.contact_id, changed)
    [found] = sdk.accounting.get_contacts(sdk.company, where=f'Name=="{name}"').contacts
    assert (found.first_name, found.email_address) == ("Rata", "rata@example.org")
    archived = Contacts(contacts=[Contact(contact_id=made.contact_id, contact_status="ARCHIVED")])
    sdk.accounting.update_contact(sdk.company, made.contact_id, archived)
    listed = sdk.accounting.get_contacts(sdk.company, include_archived=True).contacts
    assert {c.contact_status for c in listed if c.contact_id == made.contact_id} == {"ARCHIVED"}


def test_a_whole_contact_sent_back(sdk: Sdk) -> None:
    """The SDK sends dates as `/Date(ms+0000)/` and read-only booleans back in bodies."""
    [made] = sdk.accounting.create_contacts(
        sdk.company, Contacts(contacts=[Contact(name=unique("Rata"))])
    ).contacts
    made.last_name = "Cafe"
    [again] = sdk.accounting.update_or_create_contacts(
        sdk.company, Contacts(contacts=[made]), summarize_errors=False
    ).contacts
    assert (again.contact_id, again.last_name) == (made.contact_id, "Cafe")


def test_items(sdk: Sdk) -> None:
    """Items: create and read."""
    code = unique("SKU")[:30]
    [made] = sdk.accounting.create_items(
        sdk.company, Items(items=[Item(code=code, name="Mug")])
    ).items
    [found] = sdk.accounting.get_item(sdk.company, made.item_id).items
    assert (found.code, found.name) == (code, "Mug")


def test_bulk_invoices_with_one_invalid(sdk: Sdk) -> None:
    """Bulk invoices with one invalid element (`summarizeErrors=False`, capital F)."""
    invoices = Invoices(invoices=[sdk.sale(), sdk.sale(line_items=[]), sdk.sale()])
    answer = sdk.accounting.create_invoices(sdk.company, invoices, summarize_errors=False)
    made = answer.invoices
    assert [i.status_attribute_string for i in made] == ["OK", "ERROR", "OK"]
    assert [i.has_errors for i in made] == [False, True, False]
    assert made[1].validation_errors[0].message
    assert (made[0].total, made[0].amount_due, made[0].date) == (100, 100, DAY)
    assert len(sdk.accounting.get_invoices(sdk.company).invoices) == 2


def test_one_invalid_fails_all_by_default(sdk: Sdk) -> None:
    """Without the parameter one bad element makes the whole request **400**."""
    invoices = Invoices(invoices=[sdk.sale(), sdk.sale(line_items=[])])
    with pytest.raises(BadRequestException) as refused:
        sdk.accounting.create_invoices(sdk.company, invoices)
    assert refused.value.error_data["ErrorNumber"] == 10
    assert not sdk.accounting.get_invoices(sdk.company).invoices


def test_payments_and_their_removal(sdk: Sdk) -> None:
    """Payments: part, rest, delete; the invoice follows."""
    invoice = sdk.invoice()
    sdk.pay(invoice, "40")
    last = sdk.pay(invoice, "60")
    assert (sdk.read(invoice).status, sdk.read(invoice).amount_paid) == ("PAID", 100)
    deleted = PaymentDelete(status="DELETED")
    sdk.accounting.delete_payment(sdk.company, last.payment_id, deleted)
    after = sdk.read(invoice)
    assert (after.status, after.amount_due) == ("AUTHORISED", 60)


def test_void(sdk: Sdk) -> None:
    """Voids: `{"Status":"VOIDED"}` by the SDK's wrapped body."""
    invoice = sdk.invoice()
    voided = Invoices(invoices=[Invoice(status="VOIDED")])
    sdk.accounting.update_invoice(sdk.company, invoice.invoice_id, voided)
    assert sdk.read(invoice).status == "VOIDED"


def test_credit_note_and_allocation(sdk: Sdk) -> None:
    """Credit notes: create, allocate, undo."""
    invoice = sdk.invoice()
    note = CreditNote(
        type="ACCRECCREDIT",
        contact=Contact(contact_id=invoice.contact.contact_id),
        date=DAY,
        status="AUTHORISED",
        line_amount_types=LineAmountTypes.NOTAX,
        line_items=sdk.sale().line_items,
    )
    notes = CreditNotes(credit_notes=[note])
    [made] = sdk.accounting.create_credit_notes(sdk.company, notes).credit_notes
    part = Allocation(invoice=Invoice(invoice_id=invoice.invoice_id), amount=20, date=DAY)
    sdk.accounting.create_credit_note_allocation(
        sdk.company, made.credit_note_id, Allocations(allocations=[part])
    )
    assert sdk.read(invoice).amount_due == 80
    [found] = sdk.accounting.get_credit_note(sdk.company, made.credit_note_id).credit_notes
    [allocation] = found.allocations
    sdk.accounting.delete_credit_note_allocations(
        sdk.company, made.credit_note_id, allocation.allocation_id
    )
    assert sdk.read(invoice).amount_due == 100


def test_paging(sdk: Sdk) -> None:
    """Paging: `page`, `page_size`, the pagination block."""
    contacts = Contacts(contacts=[Contact(name=unique("Rata")) for _ in range(25)])
    sdk.accounting.create_contacts(sdk.company, contacts, summarize_errors=False)
    pages = [
        sdk.accounting.get_contacts(sdk.company, page=page, page_size=10, order="Name ASC")
        for page in (1, 2, 3)
    ]
    total = pages[0].pagination.item_count
    assert total >= 25
    assert [len(p.contacts) for p in pages[:2]] == [10, 10]
    ids = {c.contact_id for p in pages for c in p.contacts}
    assert len(ids) == min(total, 30)


def test_if_modified_since(sdk: Sdk) -> None:
    """`If-Modified-Since` as the SDK sends it."""
    sdk.invoice()
    sdk.sandbox.advance(7_200)
    sdk.token["expires_at"] = 0.0
    new = sdk.invoice()
    moment = (sdk.read(new).updated_date_utc - timedelta(hours=1)).replace(microsecond=0)
    found = sdk.accounting.get_invoices(sdk.company, if_modified_since=moment).invoices
    assert [i.invoice_id for i in found] == [new.invoice_id]


def test_idempotency_replay(sdk: Sdk) -> None:
    """Idempotency replay: the same key answers the same invoice and stores one."""
    key, invoices = str(uuid4()), Invoices(invoices=[sdk.sale()])
    answers = [
        sdk.accounting.create_invoices(sdk.company, invoices, idempotency_key=key) for _ in range(2)
    ]
    assert len({a.invoices[0].invoice_id for a in answers}) == 1
    assert len(sdk.accounting.get_invoices(sdk.company).invoices) == 1


def test_429_raises_with_retry_after(strict: Sandbox) -> None:
    """429 with `Retry-After`: the SDK makes four requests, then raises."""
    sdk = Sdk(strict)
    strict.fault("throttle", path="/Organisation", times=4, seconds=0)
    with pytest.raises(RateLimitException) as refused:
        sdk.accounting.get_organisations(sdk.company)
    assert refused.value.status == 429
    headers = refused.value.http_resp.urllib3_response.headers
    assert headers["Retry-After"] == "0"
    assert headers["X-Rate-Limit-Problem"]
    statuses = [r["status"] for r in strict.requests(sdk.company)]
    assert statuses == [429] * 4
    sdk.client.rest_client.pool_manager.clear()


def test_retry_after_is_waited_out(strict: Sandbox) -> None:
    """429 with `Retry-After`: the SDK waits that long, asks again and gets its answer."""
    sdk = Sdk(strict)
    strict.fault("throttle", path="/Organisation", seconds=1)
    assert sdk.accounting.get_organisations(sdk.company).organisations
    assert [r["status"] for r in strict.requests(sdk.company)] == [429, 200]
    sdk.client.rest_client.pool_manager.clear()


def test_the_minute_of_the_sdk(strict: Sandbox) -> None:
    """60 calls a minute: the SDK meets the sandbox's own limit and is served after it."""
    sdk = Sdk(strict)
    for _ in range(60):
        sdk.accounting.get_branding_themes(sdk.company)
    headers = {
        "Authorization": f"Bearer {sdk.token['access_token']}",
        "xero-tenant-id": sdk.company,
    }
    refused = strict.raw.get(f"{strict.root}/api.xro/2.0/Organisation", headers=headers)
    assert refused.status_code == 429
    strict.advance(int(refused.headers["Retry-After"]))
    assert sdk.accounting.get_organisations(sdk.company).organisations
    sdk.client.rest_client.pool_manager.clear()
