from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.messages import EntityDeleted
from contracts.values import EntityType
from libs.messaging.cloudevents import BadEnvelope, Envelope, headers

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
DELETED = EntityDeleted(tenant="t1", type=EntityType.INVOICE, id="i1", revision=3)
GOOD = headers(DELETED, source="/product", id="e1", time=NOON, tenant="t1", connection="c1")


def test_headers_and_envelope_are_inverse() -> None:
    assert Envelope.of(GOOD) == Envelope(
        type="entity.deleted",
        id="e1",
        source="/product",
        tenant="t1",
        time=NOON,
        extensions={"connection": "c1"},
    )


def test_the_headers_follow_the_kafka_protocol_binding() -> None:
    assert dict(GOOD) == {
        "ce_specversion": b"1.0",
        "ce_id": b"e1",
        "ce_source": b"/product",
        "ce_type": b"entity.deleted",
        "ce_time": b"2026-01-31T12:00:00Z",
        "ce_tenant": b"t1",
        "ce_connection": b"c1",
        "content-type": b"application/json",
    }


def test_a_raw_body_is_given_its_type_and_empty_extensions_are_left_out() -> None:
    raw = dict(headers("webhook.received", source="/gw", id="e1", time=NOON, company=None))
    assert raw["ce_type"] == b"webhook.received"
    assert "ce_company" not in raw
    assert "ce_tenant" not in raw


def test_another_time_zone_travels_as_utc() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    made = headers(DELETED, source="/p", id="e1", time=there)
    assert dict(made)["ce_time"] == b"2026-01-31T12:00:00Z"
    with pytest.raises(ValueError, match="time zone"):
        headers(DELETED, source="/p", id="e1", time=NOON.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("ce_type", None, "The header ce_type is missing"),
        ("ce_id", b"", "The header ce_id is missing"),
        ("ce_source", None, "The header ce_source is missing"),
        ("ce_specversion", b"0.3", "ce_specversion must be 1.0"),
        ("ce_tenant", b"\xff\xfe", "The header ce_tenant is not UTF-8 text"),
        ("ce_time", b"yesterday", "ce_time must be RFC 3339"),
        ("ce_time", b"2026-01-31T12:00:00", "with a time zone"),
    ],
)
def test_a_bad_envelope_is_told_in_a_sentence(
    name: str, value: bytes | None, sentence: str
) -> None:
    bad: list[tuple[str, bytes | None]] = [pair for pair in GOOD if pair[0] != name]
    with pytest.raises(BadEnvelope, match=sentence):
        Envelope.of([*bad, (name, value)])


def test_headers_of_others_may_hold_anything() -> None:
    assert Envelope.of([*GOOD, ("trace", b"\xff"), ("ce_empty", None)]) == Envelope.of(GOOD)


@given(st.lists(st.tuples(st.text(max_size=20) | st.just("ce_type"), st.binary(max_size=30))))
def test_whatever_the_headers_hold_only_bad_envelope_is_raised(
    garbage: list[tuple[str, bytes]],
) -> None:
    with suppress(BadEnvelope):
        Envelope.of([*GOOD, *garbage])
