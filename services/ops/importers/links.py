"""The product's own page of each document, where a file names none."""

from collections.abc import Iterable, Iterator
from urllib.parse import quote, urlencode

from contracts.entities import Document
from contracts.messages import EntityPut
from services.ops.importers.refused import Imported

LONGEST = 255


def linked(messages: Iterable[Imported], product: str) -> Iterator[Imported]:
    """The same messages, their documents with the page of the product at the URL `product`."""
    for message in messages:
        if isinstance(message, EntityPut) and isinstance(message.entity, Document):
            page = _page(product, message)
            link = message.entity.link or (page if len(page) <= LONGEST else "")
            entity = message.entity.model_copy(update={"link": link})
            yield message.model_copy(update={"entity": entity})
        else:
            yield message


def _page(product: str, put: EntityPut) -> str:
    path = f"/entities/{put.entity.type}/{quote(put.entity.id, safe='')}"
    return f"{product.rstrip('/')}{path}?{urlencode({'tenant': put.tenant})}"
