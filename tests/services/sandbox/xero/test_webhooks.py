"""Section 9 of the dossier, webhooks: handshake, signature, shape, order, retry."""

import itertools
import threading

import httpx
import jsonschema
import pytest

from tests.services.sandbox.server import Json, Sandbox, wait_until
from tests.services.sandbox.xero import oauth, vendor
from tests.services.sandbox.xero.client import XeroClient, connect
from tests.services.sandbox.xero.receiver import KEY, Delivery, Receiver, Reply, obey

EVENT = {"resourceUrl", "resourceId", "eventDateUtc", "eventType", "eventCategory"} | {
    "tenantId",
    "tenantType",
}
HOUR = 60 * 60


def subscribe(sandbox: Sandbox, receiver: Receiver) -> httpx.Response:
    body = {"url": receiver.url, "key": KEY}
    return sandbox.http.post("/webhook", json=body)


def state(sandbox: Sandbox) -> Json:
    told: Json = sandbox.control("GET", "/webhook")
    return told


@pytest.fixture
def hooked(xero: XeroClient, receiver: Receiver) -> Receiver:
    """A receiver that is subscribed, the handshake forgotten."""
    answer = subscribe(xero.sandbox, receiver)
    assert answer.status_code == 200, answer.text
    receiver.deliveries.clear()
    return receiver


def test_intent_to_receive(sandbox: Sandbox, receiver: Receiver) -> None:
    """At saving, several POSTs with `{"events":[],…}`, some with a wrong signature."""
    assert subscribe(sandbox, receiver).status_code == 200
    assert len(receiver.deliveries) >= 2
    assert {d.signed for d in receiver.deliveries} == {True, False}
    for delivery in receiver.deliveries:
        body = delivery.body
        assert set(body) == {"events", "firstEventSequence", "lastEventSequence", "entropy"}
        assert (body["events"], body["firstEventSequence"], body["lastEventSequence"]) == ([], 0, 0)
        assert body["entropy"]
        assert delivery.headers["content-type"].startswith("application/json")
    assert state(sandbox)["state"] == "active"


REFUSED = {
    "always 200": lambda d: Reply(200),
    "always 401": lambda d: Reply(401),
    "204 is not 200": lambda d: Reply(204 if d.signed else 401),
    "a body": lambda d: Reply(200 if d.signed else 401, b"ok"),
    "a cookie": lambda d: Reply(200 if d.signed else 401, headers={"set-cookie": "a=b"}),
}


@pytest.mark.parametrize("rule", REFUSED.values(), ids=REFUSED)
def test_intent_to_receive_is_strict(sandbox: Sandbox, receiver: Receiver, rule: object) -> None:
    """Answer 200 to right ones and 401 to wrong ones, empty body, no cookies."""
    receiver.rule = rule  # type: ignore[assignment]
    answer = subscribe(sandbox, receiver)
    assert answer.status_code == 422
    assert answer.json()["error"]


def test_intent_to_receive_within_5_seconds(sandbox: Sandbox, receiver: Receiver) -> None:
    """…within **5 s**: an endpoint that is silent longer is refused."""
    release = threading.Event()

    def silent(delivery: Delivery) -> Reply:
        release.wait(15)
        return obey(delivery)

    receiver.rule = silent
    try:
        assert subscribe(sandbox, receiver).status_code == 422
    finally:
        release.set()


def test_signature_and_shape(xero: XeroClient, hooked: Receiver) -> None:
    """`x-xero-signature` over the **raw body bytes**; the delivery of the dossier's example."""
    key = xero.invoice()["InvoiceID"]
    [event] = hooked.wait(1, key)
    [delivery] = [d for d in hooked.deliveries if key in d.raw.decode()]
    assert delivery.signed
    assert set(event) == EVENT
    assert event["resourceUrl"].endswith(f"/api.xro/2.0/Invoices/{key}")
    assert (event["eventType"].upper(), event["eventCategory"]) == ("CREATE", "INVOICE")
    assert (event["tenantId"], event["tenantType"]) == (xero.tenant, "ORGANISATION")
    schema = vendor.document("xero-webhooks.yaml")["components"]["schemas"]["WebhookEvent"]
    jsonschema.Draft202012Validator(schema).validate(delivery.body)
    assert set(delivery.body) == set(schema["required"])


def test_event_date_is_utc_with_milliseconds(xero: XeroClient, hooked: Receiver) -> None:
    """`"eventDateUtc":"2026-09-10T03:12:45.557"`."""
    [event] = hooked.wait(1, xero.invoice()["InvoiceID"])
    day, time = event["eventDateUtc"].split("T")
    assert len(day) == 10
    assert len(time) == len("03:12:45.557")


def test_categories(xero: XeroClient, hooked: Receiver) -> None:
    """Categories: `CONTACT`, `INVOICE` (sales and bills), `CREDITNOTE`."""
    made = {
        xero.contact()["ContactID"]: "CONTACT",
        xero.invoice()["InvoiceID"]: "INVOICE",
        xero.create("Invoices", xero.bill())["InvoiceID"]: "INVOICE",
        xero.create("CreditNotes", xero.credit())["CreditNoteID"]: "CREDITNOTE",
    }
    for key, category in made.items():
        assert hooked.wait(1, key)[0]["eventCategory"] == category


def test_credit_note_events_have_data(xero: XeroClient, hooked: Receiver) -> None:
    """`CREDITNOTE` (since Mar 2026, adds `data{Type,Status}`)."""
    key = xero.create("CreditNotes", xero.credit())["CreditNoteID"]
    [event] = hooked.wait(1, key)
    assert set(event) == EVENT | {"data"}
    assert event["data"] == {"Type": "ACCRECCREDIT", "Status": "AUTHORISED"}


def test_no_category_for_the_rest(xero: XeroClient, hooked: Receiver) -> None:
    """No category for Payment, Item, TaxRate, PurchaseOrder."""
    item = xero.create("Items", {"Code": "SKU-1"})["ItemID"]
    bill = xero.bill()
    body = {key: bill[key] for key in ("Contact", "LineItems")}
    order = xero.create("PurchaseOrders", body)["PurchaseOrderID"]
    invoice = xero.untaxed(10)
    payment = xero.pay(invoice, 4)["PaymentID"]
    last = xero.contact()["ContactID"]
    hooked.wait(1, last)
    silent = {item, order, payment}
    assert not silent & {event["resourceId"] for event in hooked.events()}


def test_updates(xero: XeroClient, hooked: Receiver) -> None:
    """`eventType` `CREATE|UPDATE` (archive/void/delete/payment = UPDATE)."""
    invoice, other = xero.untaxed(10), xero.invoice()
    payment = xero.pay(invoice, 4)["PaymentID"]
    hooked.wait(2, invoice["InvoiceID"])
    xero.update("Payments", payment, {"Status": "DELETED"})
    hooked.wait(3, invoice["InvoiceID"])
    xero.update("Invoices", other["InvoiceID"], {"Status": "VOIDED"})
    contact = xero.contact()["ContactID"]
    xero.update("Contacts", contact, {"ContactStatus": "ARCHIVED"})
    for key, count in ((invoice["InvoiceID"], 3), (other["InvoiceID"], 2), (contact, 2)):
        kinds = [event["eventType"].upper() for event in hooked.wait(count, key)]
        assert kinds[0] == "CREATE"
        assert set(kinds[1:]) == {"UPDATE"}


def test_a_bookkeepers_changes_are_told(xero: XeroClient, hooked: Receiver) -> None:
    """Seen from the product side: paying in Xero raises an INVOICE UPDATE webhook (section 6)."""
    key = xero.untaxed(10)["InvoiceID"]
    hooked.wait(1, key)
    fields = {"resource": "Invoices", "id": key}
    xero.sandbox.bookkeeper(xero.tenant, "pay", amount="4", **fields)
    hooked.wait(2, key)
    assert xero.read("Invoices", key)["AmountDue"] == 6


def test_sequences_have_no_gap(xero: XeroClient, hooked: Receiver) -> None:
    """`firstEventSequence`/`lastEventSequence` show gaps: without loss there is none."""
    for _ in range(6):
        xero.contact()
    hooked.wait(6)
    bodies = sorted((d.body for d in hooked.deliveries), key=lambda b: b["firstEventSequence"])
    for body in bodies:
        span = body["lastEventSequence"] - body["firstEventSequence"] + 1
        assert span == len(body["events"])
    for before, after in itertools.pairwise(bodies):
        assert after["firstEventSequence"] == before["lastEventSequence"] + 1


def test_all_tenants_arrive_at_one_url(xero: XeroClient, hooked: Receiver) -> None:
    """All tenants of the app arrive at that URL -> route on `tenantId`."""
    with connect(xero.sandbox) as other:
        mine, theirs = xero.contact()["ContactID"], other.contact()["ContactID"]
        assert hooked.wait(1, mine)[0]["tenantId"] == xero.tenant
        assert hooked.wait(1, theirs)[0]["tenantId"] == other.tenant


@pytest.mark.parametrize("reply", [Reply(500), Reply(204), Reply(200, b"thanks")])
def test_retried_until_exactly_200(xero: XeroClient, hooked: Receiver, reply: Reply) -> None:
    """Same rules (200 within 5 s, no body, no cookies; answer exactly 200); retried."""
    hooked.rule = lambda delivery: reply
    key = xero.contact()["ContactID"]
    hooked.wait(1, key)
    hooked.rule = obey
    retry(xero.sandbox, hooked, key, 2)
    assert state(xero.sandbox)["state"] == "active"


def retry(sandbox: Sandbox, receiver: Receiver, key: str, count: int) -> None:
    """Let the sandbox's minutes pass until an event came `count` times."""

    def arrived() -> bool:
        sandbox.advance(60)
        return len(receiver.events(key)) >= count

    wait_until(arrived)


def test_falling_frequency_then_disabled(xero: XeroClient, hooked: Receiver) -> None:
    """Retried with falling frequency for up to 24 h, then the webhook is disabled."""
    hooked.rule = lambda delivery: Reply(500)
    key = xero.contact()["ContactID"]
    hooked.wait(1, key)
    arrived = []

    def disabled() -> bool:
        xero.sandbox.advance(HOUR / 4)
        arrived.append(len(hooked.events(key)))
        return bool(state(xero.sandbox)["state"] == "disabled")

    wait_until(disabled, 20)
    assert 22 * 4 <= len(arrived) <= 48 * 4
    assert arrived[47] > arrived[-1] - arrived[47] > 0


def test_disabled_until_subscribed_again(xero: XeroClient, hooked: Receiver) -> None:
    """…then the webhook is disabled and must be re-enabled by hand (new intent-to-receive)."""
    hooked.rule = lambda delivery: Reply(500)
    xero.contact()
    hooked.wait(1)

    def disabled() -> bool:
        xero.sandbox.advance(HOUR)
        return bool(state(xero.sandbox)["state"] == "disabled")

    wait_until(disabled, 20)
    xero.token = oauth.sign_in(xero.sandbox)
    hooked.rule = obey
    missed = xero.contact()["ContactID"]
    assert subscribe(xero.sandbox, hooked).status_code == 200
    later = xero.contact()["ContactID"]
    hooked.wait(1, later)
    assert state(xero.sandbox)["state"] == "active"
    assert not hooked.events(missed)


def test_nobody_subscribed_nobody_told(xero: XeroClient, hooked: Receiver) -> None:
    """`DELETE /_control/xero/webhook` ends it."""
    xero.sandbox.control("DELETE", "/webhook")
    xero.contact()
    assert subscribe(xero.sandbox, hooked).status_code == 200
    hooked.deliveries.clear()
    later = xero.contact()["ContactID"]
    hooked.wait(1, later)
    assert {event["resourceId"] for event in hooked.events()} == {later}
