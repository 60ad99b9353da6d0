"""What holds at the end of every flow: one record per entity, in the books and the journal."""

from collections import Counter
from collections.abc import Callable, Iterable

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from contracts.messages import DeadLetter
from contracts.topics import DEAD_LETTERS, INVOICING_EVENTS
from libs.messaging.logs import LogReader
from libs.messaging.record import Record
from libs.messaging.topics import Names
from tests.flows.world import Json, World

REVERSED = " (reversal)"


async def one_each(world: World, entities: Iterable[str]) -> dict[str, Json]:
    """Every invoice of these and no other: in the books once, in the journal once, bound to it.

    Returns them by entity. Deleted and voided ones would be counted, too.
    """
    await world.quiet()
    there = {record["InvoiceID"]: record for record in (await world.documents())["Invoices"]}
    bound = {entity: await _bound(world, entity) for entity in entities}
    assert sorted(bound.values()) == sorted(there)
    assert await posted(world, "accrec ") == Counter(list(there))
    return {entity: there[record] for entity, record in bound.items()}


async def _bound(world: World, entity: str) -> str:
    record = await world.record("invoice", entity)
    assert (record["state"], record["hold"], record["dead"]) == ("bound", "", False)
    [part] = record["parts"]
    assert all(
        call["state"] == "closed" or call["state"] == "dissolved" for call in record["calls"]
    )
    return str(part["external_id"])


async def posted(world: World, kind: str) -> Counter[str]:
    """How often each document stands in the journal: what was posted less what was reversed."""
    url = f"{world.sandbox}/_control/{world.provider}/companies/{world.company}/journal"
    entries = (await world.http.get(url)).json()["entries"]
    ours = [entry for entry in entries if entry["kind"].startswith(kind)]
    standing = Counter(e["document"] for e in ours if not e["kind"].endswith(REVERSED))
    standing.subtract(e["document"] for e in ours if e["kind"].endswith(REVERSED))
    return +standing


async def writes_to(world: World, resource: str, method: str = "PUT") -> list[Json]:
    """The writes of a resource that have reached the ledger's API; PUT creates at Xero."""
    logged = await world.requests(method=method)
    return [row for row in logged if row["path"].split("/")[3:4] == [resource]]


async def struck(world: World, fault: str, times: int = 1) -> list[Json]:
    """Wait until a fault has struck a request of this company; those requests."""

    async def look() -> list[Json]:
        found = await world.requests(fault=fault)
        return found if len(found) >= times else []

    found: list[Json] = await world.until(look, f"{fault} to strike")
    return found


async def caught_up(world: World, topic: str = INVOICING_EVENTS.name, what: str = "events") -> None:
    """Wait until the connector has committed all that is on the topic now."""
    group = Names(world.prefix).group(f"ledgerbridge.connectors.{world.provider}.{what}")
    url = world.environment["KAFKA_URL"]
    ends = await _ends(url, world.prefix + topic)
    admin = AIOKafkaAdminClient(bootstrap_servers=url)
    await admin.start()

    async def look() -> bool:
        done = await admin.list_consumer_group_offsets(group)
        return all(part in done and done[part].offset >= end for part, end in ends.items() if end)

    try:
        await world.until(look, f"{group} to read {topic} up to its end")
    finally:
        await admin.close()


async def _ends(url: str, topic: str) -> dict[TopicPartition, int]:
    async with AIOKafkaConsumer(bootstrap_servers=url) as consumer:
        known = await consumer._client.fetch_all_metadata()
        parts = [TopicPartition(topic, n) for n in known.partitions_for_topic(topic)]
        ends: dict[TopicPartition, int] = await consumer.end_offsets(parts)
    return ends


async def dead_letters(world: World) -> list[DeadLetter]:
    """All that the connector has buried, of every tenant of this stack."""
    reader = LogReader(world.environment["KAFKA_URL"], Names(world.prefix))
    letters: list[DeadLetter] = []

    async def keep(records: Iterable[Record]) -> None:
        letters.extend(DeadLetter.model_validate_json(r.value or b"") for r in records)

    await reader.read(DEAD_LETTERS.name, await reader.bounds(DEAD_LETTERS.name), keep)
    return [one for one in letters if one.consumer == f"connectors.{world.provider}"]


async def buried(world: World, wanted: Callable[[DeadLetter], bool], what: str) -> DeadLetter:
    """Wait for the one dead letter; that it says what is wrong and what to do is checked."""

    async def look() -> list[DeadLetter]:
        return [letter for letter in await dead_letters(world) if wanted(letter)]

    [letter] = await world.until(look, f"the dead letter of {what}")
    assert letter.sentence.endswith(".")
    assert letter.action.endswith(".")
    return DeadLetter.model_validate(letter)
