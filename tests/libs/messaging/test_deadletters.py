import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.messages import DeadLetter, EntityPut
from libs.messaging.deadletters import dead_letter, explain, outgoing
from libs.messaging.topics import Names

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
NAMES = Names("t1.")


@dataclass(frozen=True, slots=True)
class ARecord:
    """What a consumer was given."""

    topic: str = "t1.invoicing.events.v1"
    partition: int = 2
    offset: int = 7
    timestamp: int = 0
    key: bytes | None = b"t/invoice/1"
    value: bytes | None = b"{"
    headers: list[tuple[str, bytes | None]] = field(default_factory=list)


def bury(record: ARecord) -> DeadLetter:
    return dead_letter(record, NAMES, consumer="connectors.acme", reason="schema", sentence="Bad.")


def test_a_letter_says_where_the_record_is_and_what_it_began_with() -> None:
    body = b"x" * 100_000
    sent: list[tuple[str, bytes | None]] = [("ce_tenant", b"t"), ("ce_type", b"entity.put")]
    letter = bury(ARecord(value=body, headers=sent))
    assert (letter.topic, letter.partition, letter.offset) == ("invoicing.events.v1", 2, 7)
    assert (letter.key, letter.tenant, letter.event) == ("t/invoice/1", "t", "entity.put")
    assert letter.size == 100_000
    assert base64.b64decode(letter.head) == body[: 64 * 1024]


@given(
    st.none() | st.binary(max_size=9000),
    st.none() | st.binary(),
    st.lists(st.tuples(st.sampled_from(["ce_tenant", "ce_type", "x"]), st.none() | st.binary())),
    st.text(),
)
def test_whatever_the_record_holds_the_letter_is_valid(
    key: bytes | None,
    value: bytes | None,
    headers: list[tuple[str, bytes | None]],
    sentence: str,
) -> None:
    record = ARecord(key=key, value=value, headers=headers)
    letter = dead_letter(record, NAMES, consumer="c", reason="r", sentence=sentence)
    message = outgoing(letter, source="/c", time=NOON)
    assert DeadLetter.model_validate_json(message.value or b"") == letter


def test_the_same_record_buried_twice_has_the_same_id() -> None:
    def event_id(record: ARecord) -> bytes:
        return dict(outgoing(bury(record), source="/c", time=NOON).headers)["ce_id"]

    assert event_id(ARecord()) == event_id(ARecord())
    assert event_id(ARecord()) != event_id(ARecord(offset=8))


def refusal(body: str) -> ValidationError:
    with pytest.raises(ValidationError) as raised:
        EntityPut.model_validate_json(body)
    return raised.value


PUT = (
    '{"tenant": "t", "revision": 1, "made_at": "2026-01-31T12:00:00Z", "entity":'
    ' {"type": "item", "id": "i", "code": %s}}'
)


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        (PUT % '"se\\u0000cret"', ["entity.code: contains the control character U+0000"]),
        (PUT % '"c", "unit_price": 1234.5', ["entity.unit_price: a number loses digits"]),
        (PUT % '"c", "secret": 1', ["entity.secret:", "Remove the field"]),
        (PUT.replace("item", "secret") % '"c"', ["entity: The `type` is none of"]),
        ('{"tenant": "t"}', ["revision: Field required", "2 more fields", "Add the field"]),
        ("{", ["The body: Invalid JSON", "UTF-8 JSON"]),
    ],
)
def test_a_validation_error_names_the_field_and_the_fix_but_no_value(
    body: str, parts: list[str]
) -> None:
    told = " ".join(explain(refusal(body)))
    assert all(part in told for part in parts), told
    assert "1234.5" not in told
    assert "cret\x00" not in told
    assert told.endswith("publish the event again.")


def test_the_path_leads_through_lists_without_the_unions_tag() -> None:
    line = '{"id": "1", "quantity": 1, "unit_price": "1"}'
    body = PUT.replace('"item"', '"invoice"') % f'"c", "lines": [{line}, {line}]'
    paths = " ".join(str(problem["loc"]) for problem in refusal(body).errors())
    assert "'entity', 'invoice', 'lines', 0, 'quantity'" in paths
    lines = refusal(body.replace('"code": "c",', "")).errors()
    assert any(problem["loc"][-1] == "quantity" for problem in lines)
