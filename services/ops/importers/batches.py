"""An invoice batch around whatever an importer yields."""

from collections.abc import Iterable, Iterator

from contracts.entities import DOCUMENTS
from contracts.messages import BatchClosed, BatchRef, EntityPut
from services.ops.importers.refused import Imported


def batched(messages: Iterable[Imported], tenant: str, batch: BatchRef) -> Iterator[Imported]:
    """The same messages with their documents in `batch`, and the batch closed at the end."""
    documents: list[str] = []
    for message in messages:
        if isinstance(message, EntityPut) and message.entity.type in DOCUMENTS:
            documents.append(message.entity.id)
            yield message.model_copy(update={"batch": batch})
        else:
            yield message
    yield BatchClosed(tenant=tenant, batch=batch, documents=tuple(documents))
