"""Publishes the chosen documents as the importer reads them, in the company's own currency."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from contracts.entities import Contact, Document, Item
from contracts.messages import EntityPut
from libs.messaging.publisher import Outgoing, Publisher
from libs.messaging.topics import Names
from services.ops.importers.files import Format, Wanted, messages
from services.ops.publishing import CHUNK, outgoing
from tests.flows.world import World
from tests.real.data import Data
from tests.real.ledgers import Ledger

TIMEOUT = 120.0


def puts(path: Path, data: Data, world: World, ledger: Ledger) -> Iterator[EntityPut]:
    """Contacts and items that a chosen document names, then the documents."""
    wanted = Wanted(world.tenant, datetime.now(UTC))
    customers = {customer or "cash-sales" for customer in data.customers}
    for message in messages(path, wanted, Format.ONLINE_RETAIL):
        if not isinstance(message, EntityPut):
            raise ValueError(f"The file has a record that cannot be published: {message}")
        entity = message.entity
        if isinstance(entity, Document):
            if entity.id in data.documents:
                own = entity.model_copy(update={"currency": ledger.currency})
                yield message.model_copy(update={"entity": own})
        elif (isinstance(entity, Contact) and entity.id in customers) or (
            isinstance(entity, Item) and entity.id in data.items
        ):
            yield message


async def sell(
    path: Path, data: Data, world: World, ledger: Ledger, told: Callable[[int], None]
) -> int:
    """Publish all; how many there were."""
    published, at = 0, datetime.now(UTC)
    names = Names(world.prefix)
    found = puts(path, data, world, ledger)
    async with Publisher(world.environment["KAFKA_URL"], names, client_id="real") as publisher:
        while chunk := await asyncio.to_thread(_some, found, at):
            await publisher.publish_many(chunk, timeout=TIMEOUT)
            published += len(chunk)
            told(published)
    return published


def _some(found: Iterator[EntityPut], at: datetime) -> list[Outgoing]:
    return [outgoing(put, at) for put in islice(found, CHUNK)]
