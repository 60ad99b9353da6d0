"""Webhook bodies in both forms, with the vendor's own test vectors (dossier section 9)."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest

from contracts.values import EntityType
from libs.connector.errors import Rejected
from libs.connector.interface import Notice
from tests.services.connectors.quickbooks_online.around import QBO

REALM = "9130001112223334"
KEY = b"vt-0123456789abcdef"
CLASSIC = (
    b'{"eventNotifications":[{"realmId":"9130001112223334","dataChangeEvent":{"entities":[{"name":'
    b'"Invoice","id":"145","operation":"Update","lastUpdated":"2026-03-09T15:04:05.000Z"}]}}]}'
)
EVENTS = (
    b'[{"specversion":"1.0","id":"3f0a6f4e-5d0b-4b7e-9a53-0f6f3c1c8a11","source":"intuit.a1b2c3",'
    b'"type":"qbo.invoice.updated.v1","datacontenttype":"application/json",'
    b'"time":"2026-03-09T15:04:05.123456789Z","intuitentityid":"145",'
    b'"intuitaccountid":"9130001112223334","data":{}}]'
)


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        (CLASSIC, "hehN2Gc7zw+6DbOLSd01i2tf4eqLHNSB6g05JS4tra4="),
        (EVENTS, "dUsDjj+9GiGmt+lVQQ3Sn+F+E5bT5eeALJ8w4G5u11Y="),
    ],
)
def test_the_vectors_are_the_vendors(body: bytes, signature: str) -> None:
    assert base64.b64encode(hmac.digest(KEY, body, hashlib.sha256)).decode() == signature


@pytest.mark.parametrize("body", [CLASSIC, EVENTS], ids=["classic", "cloudevents"])
def test_both_forms_name_the_invoice(body: bytes) -> None:
    (found,) = QBO.notices(body, REALM)
    assert (found.type, found.record) == (EntityType.INVOICE, "145")
    assert found.at is not None
    assert found.at.replace(microsecond=0) == datetime(2026, 3, 9, 15, 4, 5, tzinfo=UTC)
    assert QBO.notices(body, "another") == []


def entity(name: str, identity: str = "7", **more: str) -> dict[str, str]:
    return {"name": name, "id": identity, "operation": "Create", **more}


def classic(*entities: dict[str, str]) -> bytes:
    change = {"realmId": REALM, "dataChangeEvent": {"entities": list(entities)}}
    return json.dumps({"eventNotifications": [change]}).encode()


def test_ids_carry_their_resource_where_a_kind_has_several() -> None:
    names = ("Customer", "Vendor", "Payment", "BillPayment", "CreditMemo", "Bill", "PurchaseOrder")
    found = QBO.notices(classic(*(entity(name) for name in names)), REALM)
    assert [(one.type, one.record) for one in found] == [
        (EntityType.CONTACT, "Customer/7"),
        (EntityType.CONTACT, "Vendor/7"),
        (EntityType.PAYMENT, "Payment/7"),
        (EntityType.PAYMENT, "BillPayment/7"),
        (EntityType.CREDIT_NOTE, "7"),
        (EntityType.BILL, "7"),
        (EntityType.PURCHASE_ORDER, "7"),
    ]


def test_a_merge_names_the_one_that_is_gone_too() -> None:
    old = entity("Customer", "58", operation="Merge", deletedId="60")
    event = {
        "type": "qbo.customer.merged.v1",
        "intuitentityid": "58",
        "intuitaccountid": REALM,
        "data": {"deletedid": "60"},
    }
    for body in (classic(old), json.dumps([event]).encode()):
        found = QBO.notices(body, REALM)
        assert [one.record for one in found] == ["Customer/58", "Customer/60"]


def test_what_we_keep_nothing_of_is_no_notice() -> None:
    assert QBO.notices(classic(entity("Estimate"), entity("Account")), REALM) == []


def test_several_companies_in_one_body_are_kept_apart() -> None:
    events = [
        {"type": "qbo.item.void.v1", "intuitentityid": str(n), "intuitaccountid": realm}
        for n, realm in enumerate((REALM, "other", REALM))
    ]
    found = QBO.notices(json.dumps(events).encode(), REALM)
    assert found == [Notice(EntityType.ITEM, "0"), Notice(EntityType.ITEM, "2")]


@pytest.mark.parametrize(
    "body", [b"", b"no", b"{}", b"[1]", b'[{"type":"x"}]', b'{"a":1}', b"null"]
)
def test_a_body_of_another_kind_is_rejected(body: bytes) -> None:
    with pytest.raises(Rejected):
        QBO.notices(body, REALM)
