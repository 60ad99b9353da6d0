"""Locations and trackings in a company that keeps none: told once of each, and nothing is held."""

from collections.abc import Iterator

from contracts.entities import Document, Entity
from libs.connector import alerts
from libs.connector.companies import Company
from libs.connector.connections import Account
from libs.connector.kernel import Desk
from libs.service.database import Connection


def words_of(entity: Entity) -> Iterator[str]:
    """What a document and its lines say of where and for whom they are: as mappings call it."""
    if not isinstance(entity, Document):
        return
    if entity.location:
        yield entity.location
    for line in entity.lines:
        if line.location:
            yield line.location
        yield from (f"{choice.tracking}/{choice.option}" for choice in line.tracking)


async def tell_of(db: Connection, desk: Desk, entity: Entity) -> None:
    """See tell."""
    await tell(db, desk.kernel.provider.id, desk.account, desk.context.company, entity)


async def tell(
    db: Connection, provider: str, account: Account, company: Company, entity: Entity
) -> None:
    """The document goes out without what the company has no place for, and a person knows.

    A location that the connection's scope is about has done its work by then.
    """
    if company.trackings:
        return
    for word in dict.fromkeys(words_of(entity)):
        if word in account.scope.locations:
            continue
        sentence = (
            f"The location or tracking {word!r} has no place in {company.name}: it keeps none, or "
            "its plan has none. Documents go there without it."
        )
        action = (
            f"Switch on classes, locations or tracking in {company.name} if it should be kept "
            "there: what is sent from then on asks for its place."
        )
        key = alerts.UNTRACKED, word
        async with db.transaction():
            await alerts.raise_alert(db, provider, account, key, sentence, action, tell=action)
