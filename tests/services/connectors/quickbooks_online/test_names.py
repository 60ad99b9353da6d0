"""Names are shared by customers, suppliers and employees (dossier sections 5 and 10: 6240)."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from contracts.entities import Contact
from libs.connector.errors import Held
from libs.connector.interface import Answer, Record, Verb, Write
from libs.connector.numbers import ELSEWHERE
from libs.testing import builders
from tests.services.connectors.quickbooks_online import around
from tests.services.connectors.quickbooks_online.around import QBO, create, update
from tests.services.connectors.quickbooks_online.hand import Hand, opened

US = around.context()
CUSTOMER = builders.contact("c1", name="Quay Timber")
SUPPLIER = builders.contact("s1", name="Quay Timber", customer=False, supplier=True)


def told(write: Write, other: str) -> Held:
    detail = f"The name supplied already exists. : Another {other} is already using this name."
    error = {"Message": "Duplicate Name Exists Error", "Detail": detail, "code": "6240"}
    body = json.dumps({"Fault": {"Error": [error], "type": "ValidationFault"}}).encode()
    with pytest.raises(Held) as raised:
        QBO.results([write], Answer(400, {}, body), US)
    return raised.value


def sent(write: Write) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(QBO.request([write], US).body)
    return body


@pytest.mark.parametrize(
    ("contact", "other", "reason"),
    [
        (SUPPLIER, "customer", ELSEWHERE),
        (SUPPLIER, "employee", ELSEWHERE),
        (CUSTOMER, "vendor", ELSEWHERE),
        (SUPPLIER, "vendor", "name-taken"),
        (CUSTOMER, "customer", "name-taken"),
    ],
)
def test_the_name_of_another_kind_is_told_from_that_of_the_same(
    contact: Contact, other: str, reason: str
) -> None:
    """Two customers of a name may be one; a customer and a supplier are two records anyway."""
    assert told(create(contact), other).reason == reason
    assert told(create(contact, collided=True), other).reason == "name-taken"


def test_a_name_told_apart_is_the_same_name_to_the_product() -> None:
    apart = sent(create(SUPPLIER, collided=True))
    assert (apart["DisplayName"], apart["CompanyName"]) == ("Quay Timber (supplier)", "Quay Timber")
    shown = QBO.entity(around_record(apart), US)
    assert isinstance(shown, Contact)
    assert shown.name == "Quay Timber"
    renamed = SUPPLIER.model_copy(update={"name": "Quay Oak"})
    there = {"Vendor": {**apart, "Id": "60", "SyncToken": "1"}}
    body = sent(update(renamed, "name", record="Vendor/60", raw=there))
    assert body["DisplayName"] == "Quay Oak (supplier)"


def test_a_name_that_ends_so_by_itself_stays() -> None:
    shown = QBO.entity(around_record({"DisplayName": "Timber (supplier)", "CompanyName": "T"}), US)
    assert isinstance(shown, Contact)
    assert shown.name == "Timber (supplier)"


def around_record(vendor: dict[str, Any]) -> Record:
    raw = {"Vendor": {"Id": "60", "Active": True, **vendor}}
    record = QBO.results([create(SUPPLIER)], Answer(200, {}, json.dumps(raw).encode()), US)[0]
    assert isinstance(record, Record)
    return record


@pytest.fixture
async def us() -> AsyncIterator[Hand]:
    async with opened() as hand:
        yield hand


async def test_a_supplier_with_a_customers_name_is_told_apart(us: Hand) -> None:
    await us.put(CUSTOMER)
    write = Write(Verb.CREATE, SUPPLIER.type, "s1", around.MARKER, SUPPLIER)
    answer = await us.ledger.send(QBO.request([write], us.context), key="k1")
    with pytest.raises(Held) as raised:
        QBO.results([write], answer, us.context)
    assert raised.value.reason == ELSEWHERE
    record = await us.send(replace(write, collided=True))
    assert us.shown(SUPPLIER, record) == us.normal(SUPPLIER)
