"""The topics folded into the books: order, repeats, snapshots, what cannot be read, the sums."""

import gzip
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from contracts.messages import (
    BatchProgress,
    DeadLetter,
    EntityHeld,
    EntityPut,
    EntitySettled,
    ExternalId,
    SnapshotRequested,
)
from contracts.topics import DEAD_LETTERS
from services.ops.importers.online_retail import Options, messages
from services.ops.sample import DAY, sample
from tests.services.reference_product.around import NOW, Around, until
from tests.services.reference_product.events import CONTACT, invoice, lane, payment, put


async def test_a_lower_revision_that_comes_later_is_dropped(around: Around) -> None:
    await around.put(put({**CONTACT, "name": "Newer"}, 2), put(CONTACT, 1))
    await around.folded()
    kept = await around.get("contact", "c1")
    assert (kept["revision"], kept["entity"]["name"]) == (2, "Newer")


async def test_the_product_s_own_puts_change_nothing_when_they_come_back(around: Around) -> None:
    await around.save(CONTACT)
    await around.messages(1)
    await around.folded()
    assert (await around.get("contact", "c1"))["revision"] == 1
    assert len(await around.messages(1)) == 1


async def test_the_real_day_comes_to_the_cent(around: Around) -> None:
    lines = gzip.decompress(sample(DAY).read_bytes()).decode().splitlines(keepends=True)
    puts = [m for m in messages(lambda: lines, Options("demo", NOW)) if isinstance(m, EntityPut)]
    # Twice and backwards too: whatever comes, the sums are those of the file.
    await around.put(*puts)
    await around.put(*reversed(puts))
    await around.folded()
    sums = await around.sums()
    counts = {kind: row["count"] for kind, row in sums.items()}
    assert counts == {"contact": 99, "item": 1351, "invoice": 137, "credit_note": 6}
    amounts = {name: Decimal(sums["invoice"][name]) for name in ("net", "tax", "gross", "balance")}
    assert amounts["net"] == Decimal("58960.79")
    assert amounts["gross"] == amounts["net"] + amounts["tax"] == amounts["balance"]
    assert Decimal(sums["credit_note"]["net"]) == Decimal("325.23")
    assert await around.http.get("/entities", params={"type": "invoice", "limit": 1000})


async def test_a_snapshot_is_answered_with_puts_of_what_was_made_since(around: Around) -> None:
    old, new = NOW - timedelta(days=400), NOW - timedelta(days=10)
    await around.put(
        put(invoice("old"), 3).model_copy(update={"made_at": old}),
        put(payment("1.00"), 1).model_copy(update={"made_at": new}),
        put(invoice("new"), 4).model_copy(update={"made_at": new}),
        put(CONTACT, 2).model_copy(update={"made_at": old}),
    )
    await around.folded()
    asked = SnapshotRequested(
        tenant="demo",
        provider="xero",
        connection="x1",
        number=1,
        at=NOW,
        since=NOW - timedelta(days=30),
    )
    await around.tell(asked)
    answers = {answer.entity.id: answer for answer in await around.messages(2)}
    assert sorted(answers) == ["new", "p1"]
    assert (answers["new"].revision, answers["new"].made_at) == (4, new)
    assert [one.entity.id for one in answers["new"].included] == ["c1"]
    await around.folded()
    assert (await around.get("invoice", "new"))["revision"] == 4


async def test_another_tenant_s_books_are_not_shown(around: Around) -> None:
    await around.save(CONTACT, tenant="other")
    assert await around.get("contact", "c1") == {}
    answer = await around.http.get("/entities/contact/c1", params={"tenant": "other"})
    assert answer.json()["revision"] == 1
    assert await around.sums() == {}


async def test_what_the_ledger_says_of_a_record_is_shown(around: Around) -> None:
    await around.save(invoice())
    held = EntityHeld(
        **lane("i1", 1, "invoice"), reason="unmapped", sentence="No account.", action="Map one."
    )
    await around.tell(held)
    await around.folded()
    (place,) = (await around.get("invoice", "i1"))["ledgers"]
    assert place["problem"]["sentence"] == "No account."
    ids = (ExternalId(type="Invoice", id="e1"),)
    settled = EntitySettled(
        **lane("i1", 2, "invoice"),
        external_ids=ids,
        ledger_number="INV-7",
        link="https://ledger.example/e1",
        balance=Decimal("120.00"),
        status="AUTHORISED",
    )
    await around.tell(settled)
    await around.folded()
    (place,) = (await around.get("invoice", "i1"))["ledgers"]
    assert place["problem"] is None
    assert (place["ledger_number"], place["balance"]) == ("INV-7", "120.00")
    assert place["external_ids"] == [{"type": "Invoice", "id": "e1"}]
    (notice,) = (await around.http.get("/notices")).json()["notices"]
    assert (notice["event"], notice["action"]) == ("entity.held", "Map one.")


async def test_progress_of_a_batch_is_shown(around: Around) -> None:
    def progress(number: int, synced: int) -> BatchProgress:
        return BatchProgress(
            tenant="demo",
            provider="xero",
            connection="x1",
            number=number,
            at=NOW,
            batch="b1",
            total=3,
            synced=synced,
            held=0,
            needs_you=0,
            closed=True,
        )

    await around.tell(progress(2, 3), progress(1, 1))
    await around.folded()
    (shown,) = (await around.http.get("/batches")).json()["batches"]
    assert shown["synced"] == 3


async def test_what_cannot_be_read_goes_to_the_dead_letters_and_the_rest_goes_on(
    around: Around,
) -> None:
    await around.send_raw(b"\xff\xfe")
    await around.send_raw(b'{"tenant": "demo"}')
    await around.put(put(CONTACT, 1))
    letters: list[DeadLetter] = []

    async def both() -> bool:
        records = await around.log(DEAD_LETTERS.name)
        letters[:] = [DeadLetter.model_validate_json(record.value or b"") for record in records]
        return len(letters) == 2

    await until(both)
    assert {letter.consumer for letter in letters} == {"reference_product"}
    assert any("Field required" in letter.sentence for letter in letters)
    await around.folded()
    assert (await around.get("contact", "c1"))["revision"] == 1


async def test_an_edit_on_an_older_revision_is_refused(around: Around) -> None:
    await around.save(CONTACT)
    await around.save(CONTACT, expected=1)
    answer = await around.http.post("/entities", json={"entity": CONTACT, "expected": 1})
    assert answer.status_code == 409
    assert "revision 2" in answer.json()["detail"]


async def test_deleting_publishes_and_creating_again_goes_on_counting(around: Around) -> None:
    await around.save(CONTACT)
    assert (await around.http.delete("/entities/contact/c1")).status_code == 204
    assert (await around.http.delete("/entities/contact/c1")).status_code == 404
    (deleted,) = await around.messages(1, "entity.deleted")
    assert deleted.revision == 2
    assert await around.save(CONTACT) == 3


async def test_a_file_is_imported_whole_or_not_at_all(around: Around) -> None:
    good = '{"type": "contact", "id": "%s", "name": "%s"}'
    name = uuid.uuid4().hex
    body = f"{good % ('a', name)}\n\n{good % ('b', name)}\n"
    answer = await around.http.post("/imports", content=body, params={"batch": "b1"})
    assert answer.json()["saved"] == 2
    answer = await around.http.post("/imports", content=f"{good % ('c', name)}\n{{}}")
    assert (answer.status_code, answer.json()["detail"][:7]) == (422, "line 2:")
    assert await around.get("contact", "c") == {}
    assert (await around.get("contact", "a"))["batch"]["id"] == "b1"
    assert datetime.fromisoformat((await around.get("contact", "b"))["made_at"]) < datetime.now(UTC)
