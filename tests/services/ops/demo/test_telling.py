"""What the demo says: how far a batch is, what differs, what stands in the ledger twice."""

from datetime import UTC, datetime
from importlib.resources import as_file
from pathlib import Path

import pytest

from contracts.entities import Contact, Invoice
from contracts.messages import BatchClosed, BatchProgress, EntityPut
from contracts.values import EntityType
from libs.devstack.process import DevstackError
from services.ops.demo.again import duplicates
from services.ops.demo.bookkeeping import choose, differing
from services.ops.demo.day import Day, is_over, read_day, worded
from services.ops.sample import DAY, sample

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def progress(**figures: int) -> BatchProgress:
    numbers = {"total": 143, "synced": 0, "held": 0, "needs_you": 0, "skipped": 0, **figures}
    head = {"tenant": "demo", "provider": "xero", "connection": "c", "number": 1, "at": NOW}
    return BatchProgress.model_validate({**head, "batch": "b", "closed": True, **numbers})


def day(limit: int | None = None) -> Day:
    with as_file(sample(DAY)) as file:
        return read_day(file, "demo", "http://product.example", NOW, limit)


def test_a_batch_is_over_when_every_document_has_its_place() -> None:
    assert is_over(progress(synced=141, held=1, needs_you=1))
    assert is_over(progress(synced=142, skipped=1))
    assert not is_over(progress(synced=141, held=1))
    assert not is_over(progress(synced=143).model_copy(update={"closed": False}))


def test_progress_in_words() -> None:
    assert worded(progress(synced=141, held=1)) == "141 of 143 synced, 1 held"
    assert worded(progress(synced=142, needs_you=1)) == "142 of 143 synced, 1 need you"


def test_the_day_is_whole() -> None:
    said = day().describe()
    assert said == "137 invoices, 6 credit notes, 3,108 lines, 99 customers, 1,351 products"


def test_the_first_documents_bring_what_they_refer_to() -> None:
    some = day(8)
    puts = [one for one in some.events if isinstance(one, EntityPut)]
    known = {(one.entity.type, one.entity.id) for one in puts}
    assert len(some.documents) == 8
    for document in some.documents:
        assert (EntityType.CONTACT, document.customer) in known
        assert {(EntityType.ITEM, line.item) for line in document.lines} <= known
    [closed] = [one for one in some.events if isinstance(one, BatchClosed)]
    assert len(closed.documents) == 8


def test_a_file_of_something_else_is_refused_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("nothing")
    with pytest.raises(DevstackError, match="neither NDJSON"):
        read_day(file, "demo", "http://product.example", NOW, None)


def test_before_and_after_show_only_what_differs() -> None:
    before = next(one for one in day(8).documents if isinstance(one, Invoice))
    first = before.lines[0].model_copy(update={"quantity": before.lines[0].quantity + 2})
    after = before.model_copy(update={"lines": (first, *before.lines[1:])})
    assert differing(before, after) == ("line 1: 6", "line 1: 8")
    assert differing(before, before) == ("", "")
    assert differing(None, Contact(id="1", name="New Ltd")) == ("not there", "New Ltd")


def test_too_few_invoices_to_work_on_are_said() -> None:
    with pytest.raises(DevstackError, match="three open invoices"):
        choose({"Invoices": []}, "1")


def test_what_stands_in_the_ledger_twice_is_named() -> None:
    once = {"Contacts": [{"ContactNumber": ""}, {}], "Items": [], "CreditNotes": []}
    twice = [{"InvoiceNumber": "1", "Status": "PAID"}, {"InvoiceNumber": "1", "Status": "VOIDED"}]
    assert duplicates({**once, "Invoices": twice}) == ["Invoices 1"]
    deleted = [twice[0], {"InvoiceNumber": "1", "Status": "DELETED"}]
    assert duplicates({**once, "Invoices": deleted}) == []
