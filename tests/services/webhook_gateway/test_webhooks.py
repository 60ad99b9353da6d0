"""`POST /webhooks/xero` over real HTTP into a real Kafka."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from contracts.messages import DeadLetter
from services.webhook_gateway.settings import BODY_LIMIT
from tests.services.webhook_gateway.conftest import DEAD, XERO, figure
from tests.services.webhook_gateway.reading import Topics, eventually, header
from tests.services.webhook_gateway.signing import HANDSHAKE, headers, webhook


async def post(http: httpx.AsyncClient, gateway: str, body: bytes) -> int:
    answer = await http.post(f"{gateway}/webhooks/xero", content=body, headers=headers(body))
    assert answer.content == b""
    return answer.status_code


async def raw(gateway: str, body: bytes, signature: str) -> tuple[bytes, list[bytes], bytes]:
    """Status line, header lines and everything after them, as they came over the socket."""
    address = urlsplit(gateway)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(
        b"POST /webhooks/xero HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n"
        + f"x-xero-signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
    answer = await reader.read()
    writer.close()
    head, _, rest = answer.partition(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    return status, [line.lower() for line in lines], rest


@pytest.mark.parametrize(
    ("signature", "status"),
    [
        (headers(HANDSHAKE)["x-xero-signature"], b"HTTP/1.1 200 OK"),
        (headers(HANDSHAKE, "another key")["x-xero-signature"], b"HTTP/1.1 401 Unauthorized"),
        ("", b"HTTP/1.1 401 Unauthorized"),
    ],
    ids=["right", "wrong", "none"],
)
async def test_the_intent_to_receive_is_answered_byte_for_byte(
    gateway: str, topics: Topics, signature: str, status: bytes
) -> None:
    line, lines, body = await raw(gateway, HANDSHAKE, signature)
    assert line == status
    assert body == b""
    assert b"content-length: 0" in lines
    names = {each.partition(b":")[0] for each in lines}
    assert names <= {b"content-length", b"date", b"connection", b"x-request-id"}
    assert await topics.read(XERO) == []
    assert await topics.read(DEAD) == []


async def test_a_body_reaches_every_company_it_names_once(
    gateway: str, http: httpx.AsyncClient, topics: Topics
) -> None:
    body = webhook(["company-1", "company-2", "company-1"])
    assert await post(http, gateway, body) == 200
    records = await topics.read(XERO)  # before the answer, so there is nothing to wait for
    assert sorted(record.key for record in records) == [b"company-1", b"company-2"]
    assert {record.value for record in records} == {body}
    for record in records:
        assert header(record, "ce_type") == "webhook.received"
        assert header(record, "ce_provider") == "xero"
        assert header(record, "ce_company") == record.key.decode()
        assert header(record, "ce_specversion") == "1.0"
    assert len({header(record, "ce_id") for record in records}) == 2
    assert await figure(http, gateway, f'webhook_published_total{{topic="{XERO}"}} 2.0')


async def test_the_same_body_again_has_the_same_id(
    gateway: str, http: httpx.AsyncClient, topics: Topics
) -> None:
    for body in (webhook(["c"]), webhook(["c"]), webhook(["c"], sequence=2)):
        assert await post(http, gateway, body) == 200
    first, repeat, other = [header(record, "ce_id") for record in await topics.read(XERO)]
    assert first == repeat != other


async def test_a_key_of_before_the_rotation_is_taken_still(
    gateway: str, http: httpx.AsyncClient
) -> None:
    body = webhook(["c"])
    old = headers(body, "a-key-of-before")
    assert (
        await http.post(f"{gateway}/webhooks/xero", content=body, headers=old)
    ).status_code == 200


@pytest.mark.parametrize("sent", [{}, {"x-xero-signature": "AAAA"}, headers(webhook(["d"]))])
async def test_a_wrong_signature_publishes_nothing(
    gateway: str, http: httpx.AsyncClient, topics: Topics, sent: dict[str, str]
) -> None:
    answer = await http.post(f"{gateway}/webhooks/xero", content=webhook(["c"]), headers=sent)
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers["content-length"] == "0"
    assert await topics.read(XERO) == []
    assert await figure(
        http, gateway, 'webhook_refused_total{provider="xero",reason="signature"} 1.0'
    )


@pytest.mark.parametrize("name", ["nobody", "..", "xero.toml", "%00"])
async def test_an_unknown_provider_is_not_found(
    gateway: str, http: httpx.AsyncClient, name: str
) -> None:
    body = webhook(["c"])
    answer = await http.post(f"{gateway}/webhooks/{name}", content=body, headers=headers(body))
    assert answer.status_code == 404


def _of_size(size: int) -> bytes:
    body = webhook(["c"])
    return body + b" " * (size - len(body))


async def test_a_body_may_have_one_mebibyte(
    gateway: str, http: httpx.AsyncClient, topics: Topics
) -> None:
    body = _of_size(BODY_LIMIT)
    assert await post(http, gateway, body) == 200
    (record,) = await topics.read(XERO)
    assert record.value == body


@pytest.mark.parametrize("chunked", [False, True])
async def test_one_byte_more_is_too_much(
    gateway: str, http: httpx.AsyncClient, topics: Topics, chunked: bool
) -> None:
    body = _of_size(BODY_LIMIT + 1)
    content = _chunks(body) if chunked else body
    answer = await http.post(f"{gateway}/webhooks/xero", content=content, headers=headers(body))
    assert (answer.status_code, answer.content) == (413, b"")
    assert await topics.read(XERO) == []


async def test_a_chunked_body_is_taken(
    gateway: str, http: httpx.AsyncClient, topics: Topics
) -> None:
    body = webhook(["c"])
    answer = await http.post(
        f"{gateway}/webhooks/xero", content=_chunks(body), headers=headers(body)
    )
    assert answer.status_code == 200
    assert [record.value for record in await topics.read(XERO)] == [body]


async def _chunks(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 1000):
        yield body[start : start + 1000]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\x00not json", "unreadable"),
        (b'{"events":[{"resourceId":"1"}]}', "no-company"),
        (b'{"happenings":[]}', "no-company"),
    ],
)
async def test_what_nobody_can_read_is_answered_and_kept_with_a_sentence(
    gateway: str, http: httpx.AsyncClient, topics: Topics, body: bytes, reason: str
) -> None:
    assert await post(http, gateway, body) == 200
    (record,) = await topics.read(DEAD)
    letter = DeadLetter.model_validate_json(record.value)
    assert (letter.reason, letter.size, letter.topic) == (reason, len(body), XERO)
    assert letter.sentence.endswith(".")
    assert letter.action.endswith(".")
    assert header(record, "ce_type") == "dead-letter"
    assert await topics.read(XERO) == []


async def test_a_nameless_part_costs_the_named_ones_nothing(
    gateway: str, http: httpx.AsyncClient, topics: Topics
) -> None:
    assert await post(http, gateway, b'{"events":[{"tenantId":"c"},{}]}') == 200
    assert [record.key for record in await topics.read(XERO)] == [b"c"]
    assert len(await topics.read(DEAD)) == 1


async def test_what_the_broker_refuses_for_its_size_does_not_block_the_spool(
    gateway: str, http: httpx.AsyncClient, topics: Topics, kafka_url: str, topic_prefix: str
) -> None:
    await _limit(kafka_url, topic_prefix + XERO, 5_000)

    async def refused() -> bool:  # the broker applies the new limit a moment after it says so
        assert await post(http, gateway, _of_size(100_000)) == 200
        return len(await topics.read(DEAD)) > 0

    await eventually(refused)
    (record,) = await topics.read(DEAD)
    letter = DeadLetter.model_validate_json(record.value)
    assert (letter.reason, letter.key, letter.size) == ("too-large", "c", 100_000)
    assert await post(http, gateway, webhook(["c"])) == 200
    assert (await topics.read(XERO))[-1].value == webhook(["c"])
    assert await figure(http, gateway, 'webhook_dead_letters_total{reason="too-large"} 1.0')


async def _limit(kafka_url: str, topic: str, size: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_url)
    await admin.start()
    try:
        limit = {"max.message.bytes": str(size)}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, limit)])
    finally:
        await admin.close()


async def test_a_body_that_is_cut_off_is_refused(gateway: str, http: httpx.AsyncClient) -> None:
    address = urlsplit(gateway)
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(b"POST /webhooks/xero HTTP/1.1\r\nHost: g\r\nContent-Length: 9\r\n\r\n{")
    await writer.drain()
    writer.close()
    line = 'webhook_refused_total{provider="xero",reason="cut"} 1.0'
    await eventually(lambda: figure(http, gateway, line))


async def test_probes_and_description(gateway: str, http: httpx.AsyncClient) -> None:
    assert (await http.get(f"{gateway}/live")).status_code == 200
    assert (await http.get(f"{gateway}/ready")).json()["checks"] == {"intake": "ok"}
    assert "/webhooks/{provider}" in (await http.get(f"{gateway}/openapi.json")).text
