"""Webhooks in both formats: dossier section 9."""

import re

from services.sandbox.providers.quickbooks_online.hook_bodies import body_of
from tests.services.sandbox.quickbooks_online.client import Qbo, connect, token_of
from tests.services.sandbox.quickbooks_online.receiver import Receiver, signature
from tests.services.sandbox.server import wait_until


def test_the_dossiers_vectors() -> None:
    """Section 9: both test vectors of the signature."""
    classic = (
        b'{"eventNotifications":[{"realmId":"9130001112223334","dataChangeEvent":{"entities":'
        b'[{"name":"Invoice","id":"145","operation":"Update",'
        b'"lastUpdated":"2026-03-09T15:04:05.000Z"}]}}]}'
    )
    assert signature(classic) == "hehN2Gc7zw+6DbOLSd01i2tf4eqLHNSB6g05JS4tra4="
    cloud = (
        b'[{"specversion":"1.0","id":"3f0a6f4e-5d0b-4b7e-9a53-0f6f3c1c8a11",'
        b'"source":"intuit.a1b2c3","type":"qbo.invoice.updated.v1",'
        b'"datacontenttype":"application/json","time":"2026-03-09T15:04:05.123456789Z",'
        b'"intuitentityid":"145","intuitaccountid":"9130001112223334","data":{}}]'
    )
    assert signature(cloud) == "dUsDjj+9GiGmt+lVQQ3Sn+F+E5bT5eeALJ8w4G5u11Y="
    assert body_of("classic", "void", []) == b'{"eventNotifications":[]}'


def test_classic(qbo: Qbo, receiver: Receiver) -> None:
    """Create, Update, Void, Delete, Emailed, Merge with deletedId; signed over the raw body."""
    state = receiver.subscribe(qbo.sandbox, format="classic")
    assert state["state"] == "active"
    made = qbo.invoice(BillEmail={"Address": "a@b.example"})
    payment = qbo.pay(made)
    id_ = made["Id"]
    receiver.wait(("invoice", id_, "create"), ("payment", payment["Id"], "create"))
    receiver.wait(("invoice", id_, "update"))
    qbo.call("POST", f"/invoice/{id_}/send")
    qbo.post("Invoice", token_of(qbo.read("Invoice", id_)), operation="void")
    receiver.wait(("invoice", id_, "emailed"), ("invoice", id_, "void"))
    qbo.post("Invoice", token_of(qbo.read("Invoice", id_)), operation="delete")
    receiver.wait(("invoice", id_, "delete"))
    other = qbo.customer()
    qbo.person("merge", resource="Customer", id=made["CustomerRef"]["value"], into=other["Id"])
    receiver.wait(("customer", other["Id"], "merge"))
    [merged] = [
        e
        for d in receiver.deliveries
        for n in d.body["eventNotifications"]
        for e in n["dataChangeEvent"]["entities"]
        if e["operation"] == "Merge"
    ]
    assert merged["deletedId"] == made["CustomerRef"]["value"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", merged["lastUpdated"])
    for delivery in receiver.deliveries:
        assert delivery.headers["intuit-signature"] == signature(delivery.raw)


def test_cloudevents(qbo: Qbo, receiver: Receiver) -> None:
    """An array of CloudEvents 1.0, ids only; void or voided (UNCONFIRMED)."""
    receiver.subscribe(qbo.sandbox, format="cloudevents")
    made = qbo.invoice()
    receiver.wait(("invoice", made["Id"], "created"))
    qbo.post("Invoice", token_of(made), operation="void")
    receiver.wait(("invoice", made["Id"], "voided"))
    [event, *_] = receiver.deliveries[0].body
    assert set(event) == {
        *("specversion", "id", "source", "type", "datacontenttype", "time"),
        *("intuitentityid", "intuitaccountid", "data"),
    }
    assert event["specversion"] == "1.0"
    assert re.search(r"\.\d{9}Z$", event["time"])
    receiver.subscribe(qbo.sandbox, format="cloudevents", void="void")
    again = qbo.invoice()
    qbo.post("Invoice", token_of(again), operation="void")
    receiver.wait(("invoice", again["Id"], "void"))


def test_several_realms_and_no_strangers(qbo: Qbo, receiver: Receiver) -> None:
    """Only companies the app is connected to are told of; tax codes never."""
    other = connect(qbo.sandbox)
    receiver.subscribe(qbo.sandbox)
    qbo.person("disconnect")
    qbo.sandbox.bookkeeper(qbo.realm, "add", resource="Customer", record={"DisplayName": "Quiet"})
    seen = other.customer()
    receiver.wait(("customer", seen["Id"], "created"))
    assert {event[0] for event in receiver.events} == {other.realm}


def test_retries_in_order(qbo: Qbo, receiver: Receiver) -> None:
    """Retries after 10 s, 20 s, …; later events are withheld until the first is acknowledged."""
    receiver.subscribe(qbo.sandbox)
    receiver.status = 500
    first = qbo.customer()
    wait_until(lambda: len(receiver.deliveries) == 1)
    second = qbo.customer()
    receiver.status = 200
    wait_until(lambda: qbo.sandbox.control("GET", "/webhook")["pending"] == 2)
    assert len(receiver.deliveries) == 1
    qbo.sandbox.advance(11)
    receiver.wait(("customer", second["Id"], "created"))
    ids = [event[2] for event in receiver.events]
    assert ids == [first["Id"], first["Id"], second["Id"]]
    wait_until(lambda: qbo.sandbox.control("GET", "/webhook")["delivered"] == 2)


def test_faults(qbo: Qbo, receiver: Receiver) -> None:
    """drop-, double- and shuffle-webhooks."""
    receiver.subscribe(qbo.sandbox)
    qbo.sandbox.fault("drop-webhooks")
    lost = qbo.customer()
    wait_until(lambda: not qbo.sandbox.control("GET", "/faults"))
    qbo.sandbox.fault("double-webhooks")
    twice = qbo.customer()
    wait_until(lambda: [e[2] for e in receiver.events].count(twice["Id"]) == 2)
    assert lost["Id"] not in [event[2] for event in receiver.events]
    qbo.sandbox.fault("shuffle-webhooks")
    late = qbo.customer()
    wait_until(lambda: not qbo.sandbox.control("GET", "/faults"))
    early = qbo.customer()
    receiver.wait(("customer", late["Id"], "created"), ("customer", early["Id"], "created"))
    ids = [event[2] for event in receiver.events]
    assert ids.index(early["Id"]) < ids.index(late["Id"])


def test_subscription_rules(qbo: Qbo, receiver: Receiver) -> None:
    """The control API says what it needs."""
    for wire in ({"url": receiver.url}, {"url": receiver.url, "key": "k", "format": "odd"}):
        assert qbo.sandbox.http.request("POST", "/webhook", json=wire).status_code == 422
    receiver.subscribe(qbo.sandbox)
    qbo.sandbox.control("DELETE", "/webhook")
    assert qbo.sandbox.control("GET", "/webhook")["state"] == "disabled"
