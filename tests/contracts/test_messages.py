import json
from copy import deepcopy
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.entities import Entity
from contracts.generate import schemas
from contracts.messages import ALL, EntityPut
from contracts.topics import event_key, lane_key
from contracts.values import EntityType
from tests.contracts.payloads import payloads

SCHEMAS = {event: schema for event, schema in schemas().items() if event in ALL}
PAYLOADS = {event: payloads(schema) for event, schema in SCHEMAS.items()}
VALIDATORS = {event: jsonschema.Draft202012Validator(schema) for event, schema in SCHEMAS.items()}

SALE: dict[str, Any] = {
    "tenant": "garage-7",
    "revision": 3,
    "made_at": "2010-12-01T08:26:00Z",
    "batch": {"id": "2010-12-01", "made_at": "2010-12-01T23:00:00Z"},
    "applied": {"c1": 0},
    "entity": {
        "type": "invoice",
        "id": "536365",
        "number": "536365",
        "issue_date": "2010-12-01",
        "currency": "GBP",
        "customer": "17850",
        "job": "J-12",
        "attributes": {"vehicle": "AB12 CDE"},
        "lines": [
            {
                "id": "1",
                "item": "85123A",
                "description": "WHITE HANGING HEART T-LIGHT HOLDER",
                "quantity": "6",
                "unit_price": "2.55",
                "tax_code": "vat20",
            }
        ],
        "totals": {"net": "15.30", "tax": "3.06", "gross": "18.36"},
    },
    "included": [
        {
            "revision": 1,
            "made_at": "2010-11-01T08:00:00Z",
            "entity": {"type": "contact", "id": "17850", "name": "Zoë Müller & Söhne 🚗"},
        }
    ],
}


@pytest.mark.parametrize("event", sorted(ALL))
@settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_what_the_schema_allows_the_model_takes_and_gives_back(
    event: str, data: st.DataObject
) -> None:
    payload = data.draw(PAYLOADS[event])
    message = ALL[event].model_validate(payload)
    text = message.model_dump_json()
    assert ALL[event].model_validate_json(text) == message
    VALIDATORS[event].validate(json.loads(text))


def test_a_real_sale_is_taken_by_schema_and_model() -> None:
    VALIDATORS["entity.put"].validate(SALE)
    put = EntityPut.model_validate(SALE)
    assert put.entity.type is EntityType.INVOICE
    assert put.included[0].entity.type is EntityType.CONTACT


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["entity", "lines", 0, "unit_price"], 2.55),
        (["entity", "totals", "net"], 15),
        (["entity", "currency"], "gbp"),
        (["entity", "customer"], "a\x00b"),
        (["entity", "issue_date"], 20101201.5),
        (["entity", "type"], "quote"),
        (["revision"], 0),
        (["applied"], {"c1": -1}),
        (["colour"], "red"),
    ],
)
def test_what_the_model_refuses_the_schema_refuses_too(path: list[Any], value: Any) -> None:
    payload = deepcopy(SALE)
    target = payload
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    assert not VALIDATORS["entity.put"].is_valid(payload)
    with pytest.raises(ValueError, match="validation error"):
        EntityPut.model_validate(payload)


def test_every_entity_type_has_its_model() -> None:
    schema = SCHEMAS["entity.put"]
    assert set(schema["properties"]["entity"]["discriminator"]["mapping"]) == set(EntityType)
    assert Entity is not None


def test_every_message_is_listed_under_a_name_of_its_own() -> None:
    assert len(set(ALL.values())) == len(ALL)
    assert all(event == message.EVENT for event, message in ALL.items())


def test_keys_say_what_must_stay_in_order() -> None:
    assert event_key("t", EntityType.CREDIT_NOTE, "7") == "t/credit_note/7"
    assert lane_key("c1", EntityType.INVOICE, "7") == "c1/invoice/7"
