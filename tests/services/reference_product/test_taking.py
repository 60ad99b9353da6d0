"""What the product takes in of a ledger's changes, and what it leaves."""

import uuid
from typing import Any

from contracts.entities import Invoice
from contracts.messages import EntitySettled
from services.reference_product.rules import OWN
from tests.services.reference_product.around import Around
from tests.services.reference_product.events import CONTACT, changed, invoice, lane, payment, put

RENAMED = {**CONTACT, "name": "Renamed in the ledger"}


async def revision(around: Around, entity: str = "c1", kind: str = "contact") -> int:
    return int((await around.get(kind, entity)).get("revision", 0))


async def name(around: Around) -> str:
    return str((await around.get("contact", "c1"))["entity"]["name"])


async def test_a_change_built_on_the_newest_revision_is_taken_and_published(
    around: Around,
) -> None:
    await around.save(CONTACT)
    await around.tell(changed(CONTACT, RENAMED, number=3))
    first, second = await around.messages(2)
    assert (first.revision, first.applied) == (1, {})
    assert (second.revision, second.applied) == (2, {"x1": 3})
    assert second.entity.name == "Renamed in the ledger"
    assert second.made_at == first.made_at


async def test_a_change_built_on_an_older_revision_is_left_whole(around: Around) -> None:
    await around.save(CONTACT)
    await around.save({**CONTACT, "email": "new@garage.example"})
    await around.tell(changed(CONTACT, RENAMED, number=1))
    await around.folded()
    kept = await around.get("contact", "c1")
    assert (kept["revision"], kept["applied"]) == (2, {})
    assert (kept["entity"]["name"], kept["entity"]["email"]) == (
        "Corner Garage",
        "new@garage.example",
    )


async def test_a_change_delivered_twice_is_taken_once(around: Around) -> None:
    await around.save(CONTACT)
    event = changed(CONTACT, RENAMED, number=1)
    await around.tell(event, event)
    await around.folded()
    assert await revision(around) == 2
    # Its revision fits by chance, its number does not: an old event read again.
    await around.tell(changed(RENAMED, CONTACT, number=1, revision=2))
    await around.folded()
    assert (await revision(around), await name(around)) == (2, "Renamed in the ledger")


async def test_a_lower_number_that_comes_later_is_dropped(around: Around) -> None:
    await around.save(CONTACT)
    settled = EntitySettled(**lane("c1", 5))
    await around.tell(settled, changed(CONTACT, RENAMED, number=4))
    await around.folded()
    assert (await revision(around), await name(around)) == (1, "Corner Garage")


async def test_numbers_count_per_connection(around: Around) -> None:
    await around.save(CONTACT)
    again = {**RENAMED, "phone": "123"}
    await around.tell(changed(CONTACT, RENAMED, number=7))
    await around.messages(2)
    await around.tell(changed(RENAMED, again, number=1, revision=2, connection="x2"))
    *_, last = await around.messages(3)
    assert (last.revision, last.applied, last.entity.phone) == (3, {"x1": 7, "x2": 1}, "123")


async def test_a_change_waits_for_the_put_it_is_built_on(around: Around) -> None:
    """Another writer's put comes by another topic, so it may be folded after its answer."""
    await around.tell(changed(CONTACT, RENAMED, number=1))
    await around.folded()
    assert await around.get("contact", "c1") == {}
    await around.put(put(CONTACT, 1))
    (own,) = await around.messages(1)
    assert (own.revision, own.applied, own.entity.name) == (2, {"x1": 1}, RENAMED["name"])


async def test_a_change_that_waited_is_left_when_its_revision_was_passed(around: Around) -> None:
    await around.tell(changed(CONTACT, RENAMED, number=1))
    await around.folded()
    await around.put(put({**CONTACT, "phone": "1"}, 2))
    await around.folded()
    assert (await revision(around), await name(around)) == (2, "Corner Garage")


async def test_a_deletion_in_the_ledger_deletes_here_and_says_so(around: Around) -> None:
    await around.save(CONTACT)
    await around.tell(changed(CONTACT, None, number=2))
    (deleted,) = await around.messages(1, "entity.deleted")
    assert (deleted.id, deleted.revision, deleted.applied) == ("c1", 2, {"x1": 2})
    assert await around.get("contact", "c1") == {}


async def test_a_record_first_seen_in_the_ledger_keeps_the_connector_s_id(around: Around) -> None:
    born = {**CONTACT, "id": "0b8e"}
    await around.tell(changed(None, born, number=1, revision=0))
    (own,) = await around.messages(1)
    assert (own.entity.id, own.revision, own.origin, own.applied) == ("0b8e", 1, None, {"x1": 1})


async def test_line_ids_are_kept_the_ledger_s_new_ones_too(around: Around) -> None:
    await around.save(CONTACT)
    before = invoice()
    await around.save(before)
    added = {"id": "xero-9", "quantity": "1", "unit_price": "0", "description": "note"}
    after = {**before, "lines": [*before["lines"], added]}
    await around.tell(changed(before, after, number=1))
    own = await around.newest("i1", 2)
    assert isinstance(own.entity, Invoice)
    assert [line.id for line in own.entity.lines] == ["1", "xero-9"]


async def test_a_document_carries_what_it_refers_to(around: Around) -> None:
    await around.save(CONTACT)
    await around.save({**CONTACT, "phone": "1"})
    await around.save(invoice())
    own = await around.newest("i1", 1)
    assert [(one.entity.id, one.revision) for one in own.included] == [("c1", 2)]


async def test_a_payment_made_in_the_ledger_lowers_the_balance(around: Around) -> None:
    await around.save(CONTACT)
    await around.save(invoice())
    paid = payment("70.00")
    await around.tell(changed(None, paid, number=1, revision=0))
    await around.messages(3)
    assert (await around.sums())["invoice"]["balance"] == "50.00"
    void = {**paid, "status": "void"}
    await around.tell(changed(paid, void, number=2, revision=1))
    await around.messages(4)
    assert (await around.sums())["invoice"]["balance"] == "120.00"


class TestOwnIds:
    """With OWN_IDS a record of the ledger gets an id of the product's, and names its origin."""

    async def test_every_put_names_the_origin(self, around: Around) -> None:
        born = {**CONTACT, "id": "0b8e"}
        await around.tell(changed(None, born, number=1, revision=0))
        (first,) = await around.messages(1)
        assert first.entity.id.startswith("our-")
        assert (first.origin, first.applied) == ("0b8e", {"x1": 1})
        await around.save({**CONTACT, "id": first.entity.id, "phone": "1"})
        *_, second = await around.messages(2)
        assert (second.entity.id, second.revision, second.origin) == (first.entity.id, 2, "0b8e")

    async def test_events_that_still_use_the_connector_s_id_find_the_record(
        self, around: Around
    ) -> None:
        born = {**CONTACT, "id": "0b8e"}
        renamed = {**born, "name": "Renamed"}
        await around.tell(changed(None, born, number=1, revision=0))
        await around.messages(1)
        await around.tell(changed(born, renamed, number=2, revision=1))
        first, second = await around.messages(2)
        assert (second.entity.id, second.entity.name) == (first.entity.id, "Renamed")

    async def test_references_are_translated(self, around: Around) -> None:
        await around.tell(changed(None, {**CONTACT, "id": "0b8e"}, number=1, revision=0))
        (contact,) = await around.messages(1)
        await around.tell(changed(None, invoice("77", customer="0b8e"), number=1, revision=0))
        own = await around.newest(f"our-{uuid.uuid5(OWN, 'demo/invoice/77')}", 1)
        assert isinstance(own.entity, Invoice)
        assert own.entity.customer == contact.entity.id
        assert [one.origin for one in own.included] == ["0b8e"]


def pytest_generate_tests(metafunc: Any) -> None:
    if metafunc.cls is TestOwnIds:
        metafunc.parametrize("own_ids", [True], ids=["own"])
