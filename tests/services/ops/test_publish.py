"""`ledgerbridge publish` against a real broker."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from contracts.entities import Invoice
from contracts.messages import BatchClosed, EntityPut
from contracts.topics import MAX_EVENT_BYTES
from services.ops.sample import DAY, INVOICE, sample
from tests.services.ops.commanded import answered, header, ledgerbridge, log

MADE = "2026-03-01T12:00:00Z"
SAMPLE_DAY, SAMPLE_INVOICE = sample(DAY), sample(INVOICE)

Operator = Mapping[str, str]


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """One good line, one that is not."""
    file = tmp_path / "bad.ndjson"
    contact = {"type": "contact", "id": "c1", "name": "Corner Garage"}
    file.write_text(json.dumps({"entity": contact}) + '\n{"entity": {}}\n')
    return file


async def test_the_sample_day_as_a_batch(
    operator: Operator, kafka_url: str, topic_prefix: str
) -> None:
    said = answered(
        await ledgerbridge("publish", SAMPLE_DAY, "--batch", "day", "--made-at", MADE, "--json")
    )
    assert said["published"] == 1594
    records = await log(kafka_url, topic_prefix)
    assert Counter(header(record, "ce_type") for record in records) == {
        "entity.put": 1593,
        "batch.closed": 1,
    }
    closed = next(r for r in records if header(r, "ce_type") == "batch.closed")
    batch = BatchClosed.model_validate_json(closed.value or b"")
    assert len(batch.documents) == 143
    puts = [EntityPut.model_validate_json(r.value or b"") for r in records if r is not closed]
    assert {put.batch.id for put in puts if put.batch} == {"day"}
    assert sum(put.batch is not None for put in puts) == 143
    assert {header(record, "ce_tenant") for record in records} == {"demo"}
    links = {put.entity.link for put in puts if put.batch and isinstance(put.entity, Invoice)}
    assert "http://127.0.0.1:9803/entities/invoice/536365?tenant=demo" in links


async def test_publishing_again_is_the_same_to_the_byte(
    operator: Operator, kafka_url: str, topic_prefix: str
) -> None:
    for _ in range(2):
        answered(await ledgerbridge("publish", SAMPLE_INVOICE, "--made-at", MADE, "--json"))
    first, second = await log(kafka_url, topic_prefix)
    assert (first.key, first.value, first.headers) == (second.key, second.value, second.headers)
    assert first.key == b"demo/invoice/sample-1"


async def test_a_dry_run_publishes_nothing(
    operator: Operator, kafka_url: str, topic_prefix: str
) -> None:
    said = await ledgerbridge("publish", SAMPLE_INVOICE, "--dry-run")
    assert "nothing published" in said.stdout
    assert await log(kafka_url, topic_prefix) == []


async def test_some_refused_is_status_1_and_the_rest_is_published(
    operator: Operator, kafka_url: str, topic_prefix: str, bad: Path
) -> None:
    said = await ledgerbridge("publish", bad, "--tenant", "acme")
    assert said.exit_code == 1
    assert "left out: line 2: entity" in said.stdout
    (record,) = await log(kafka_url, topic_prefix)
    assert record.key == b"acme/contact/c1"


async def test_an_event_that_is_too_large_is_refused_with_its_size(
    operator: Operator, tmp_path: Path
) -> None:
    line = {"id": "1", "quantity": "1", "unit_price": "1", "description": "x" * 4000}
    lines = [{**line, "id": str(n)} for n in range(MAX_EVENT_BYTES // 4000 + 1)]
    invoice = {
        "type": "invoice",
        "id": "big",
        "issue_date": "2026-03-01",
        "currency": "GBP",
        "customer": "c",
        "lines": lines,
        "totals": {"net": "1", "tax": "0", "gross": "1"},
    }
    file = tmp_path / "big.ndjson"
    file.write_text(json.dumps({"entity": invoice}))
    said = await ledgerbridge("publish", file, "--json")
    assert said.exit_code == 1
    (refused,) = json.loads(said.stdout)["refused"]
    assert "split the document" in refused["sentence"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere.ndjson"],
        [__file__],
        [SAMPLE_INVOICE, "--day", "yesterday"],
        [SAMPLE_INVOICE, "--made-at", "2026-03-01T12:00:00"],
        [],
    ],
)
async def test_wrong_usage_is_status_2(operator: Operator, arguments: list[object]) -> None:
    assert (await ledgerbridge("publish", *arguments)).exit_code == 2


async def test_kafka_down_is_status_1_and_a_sentence(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_URL", "127.0.0.1:1")
    said = await ledgerbridge("publish", SAMPLE_INVOICE)
    assert said.exit_code == 1
    assert "Publish again when it is back" in said.stderr


async def test_help_says_what_the_csv_lacks() -> None:
    words = " ".join((await ledgerbridge("publish", "--help")).stdout.split())
    assert "20 % VAT is taken for United Kingdom and 0 % elsewhere" in words
    assert "Cash sales" in words
