"""The NDJSON importer: shapes it knows, defaults it fills, errors it names."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.messages import BatchClosed, EntityDeleted, EntityPut, Message
from services.ops.importers.ndjson import messages
from services.ops.importers.refused import Imported, Refused
from services.ops.sample import INVOICE, sample

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONTACT = {"type": "contact", "id": "c1", "name": "Corner Garage"}


def read(*lines: bytes, tenant: str | None = None) -> list[Imported]:
    return list(messages(lines, made_at=NOW, tenant=tenant, default="demo"))


def dumped(**data: Any) -> bytes:
    return json.dumps(data).encode()


def only(*lines: bytes, tenant: str | None = None) -> Message:
    (message,) = read(*lines, tenant=tenant)
    assert isinstance(message, Message), str(message)
    return message


def test_the_sample_is_an_invoice_with_what_it_refers_to() -> None:
    put = only(*sample(INVOICE).read_bytes().splitlines())
    assert isinstance(put, EntityPut)
    assert (put.tenant, put.revision, put.made_at) == ("demo", 1, NOW)
    assert [included.entity.type for included in put.included] == ["contact", "item"]


def test_what_a_line_names_stands() -> None:
    made = "2026-01-01T00:00:00+00:00"
    put = only(dumped(tenant="acme", revision=7, made_at=made, entity=CONTACT))
    assert isinstance(put, EntityPut)
    assert (put.tenant, put.revision, put.made_at.isoformat()) == ("acme", 7, made)


def test_a_tenant_given_replaces_the_line_s() -> None:
    put = only(dumped(tenant="acme", entity=CONTACT), tenant="other")
    assert isinstance(put, EntityPut)
    assert put.tenant == "other"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({"type": "contact", "id": "c1", "revision": 2}, EntityDeleted),
        ({"batch": {"id": "b", "made_at": "2026-01-01T00:00:00Z"}, "documents": []}, BatchClosed),
        (
            {
                "specversion": "1.0",
                "type": "entity.deleted",
                "data": {"type": "contact", "id": "c1", "revision": 2},
            },
            EntityDeleted,
        ),
    ],
)
def test_other_events_are_known_by_their_fields_or_their_type(
    data: Mapping[str, Any], kind: type[Message]
) -> None:
    assert isinstance(only(dumped(**data)), kind)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b"{nope", "line 2: not JSON at column 2"),
        (b"\xff{}", "line 2: not UTF-8 at byte 1"),
        (b"[]", "line 2: an event is a JSON object"),
        (b"{}", "line 2: type: not an event"),
        (dumped(specversion="1.0", type="entity.eaten"), "line 2: type: not an event"),
        (dumped(specversion="1.0", type="entity.put"), "line 2: "),
        (dumped(entity={"type": "contact", "id": "c"}), "line 2: entity.name: Field required"),
        (
            dumped(entity={"type": "item", "id": "i", "code": "i", "unit_price": 1.5}),
            "line 2: entity.unit_price: a number loses digits in JSON",
        ),
        (
            dumped(entity=CONTACT, included=[{"entity": {"type": "contact", "id": "d"}}]),
            "line 2: included[0].entity.name: Field required",
        ),
        (dumped(entity={**CONTACT, "type": "car"}), "line 2: entity: "),
        (dumped(entity={**CONTACT, "name": "a\0"}), "entity.name: contains the control character"),
    ],
)
def test_an_error_names_line_and_field_and_the_rest_goes_on(line: bytes, sentence: str) -> None:
    good = dumped(entity=CONTACT)
    first, second, third = read(good, line, b"\n", good)
    assert isinstance(first, EntityPut)
    assert isinstance(second, Refused)
    assert sentence in str(second)
    assert isinstance(third, EntityPut)
