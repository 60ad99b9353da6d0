"""A cell's desk: a tenant, its company in a provider's ledger, and the proof that both agree."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from contracts.entities import Entity
from contracts.values import EntityType
from libs.connector.states import local_id
from libs.service.database import connect
from libs.testing.builders import CURRENCY
from tests.flows import acts
from tests.flows.world import Json, World
from tests.matrix import product
from tests.matrix.ledger import Ledger
from tests.matrix.seen import VOID, Books


@dataclass(slots=True)
class Desk:
    """Acts as the product's user through the reference product, and as the bookkeeper."""

    world: World
    ledger: Ledger
    seeded: Books = field(default_factory=Books)
    """What every new company of the provider has: it is nobody's until it is used."""
    deleted: set[str] = field(default_factory=set)
    """The numbers of invoices that the product's user has deleted."""

    placed: bool = True
    """Whether the company has anywhere to keep where things are sold."""

    async def save(self, *entities: Entity) -> None:
        """The product's user saves these; all are in the ledger when this returns.

        What is in the builders' currency is meant to be in the company's own.
        """
        await acts.save(self.world, *(self.at_home(entity) for entity in entities))

    def at_home(self, entity: Any) -> Any:
        """The same in the company's own currency, where it is in the builders'."""
        if getattr(entity, "currency", None) != CURRENCY:
            return entity
        return entity.model_copy(update={"currency": self.ledger.currency})

    async def edit(self, kind: str, entity: str, **changes: Any) -> None:
        """The product's user changes fields; the ledger has them when this returns."""
        revision = await acts.edit(self.world, kind, entity, **changes)
        await self.world.settled(kind, entity, revision)

    async def delete(self, entity: str) -> None:
        """The product's user deletes an invoice; the ledger has done so when this returns."""
        book = await self.world.product("invoice", entity)
        url = f"{self.world.stack.url('reference_product')}/entities/invoice/{entity}"
        answer = await self.world.http.delete(url, params={"tenant": self.world.tenant})
        assert answer.status_code == 204, answer.text
        self.deleted.add(book["entity"]["number"])
        await self.world.settled("invoice", entity, book["revision"] + 1)

    async def come_back(self) -> None:
        """What the bookkeeper did has reached the product, and the product's answer the ledger."""
        # One look comes after the other: where the second begins, the first has ended.
        await self._looked(all)
        await self._looked(any)
        await acts.caught_up(self.world)

    async def _looked(self, enough: Callable[[Iterable[bool]], bool]) -> None:
        """The ledger is swept: wait until all of it (or any) has begun."""
        db = await connect(
            self.world.environment["POSTGRES_URL"], f"connectors_{self.world.provider}"
        )
        try:
            since = await db.fetchval("select clock_timestamp()")
            await acts.sync(self.world)

            async def look() -> bool:
                rows = await db.fetch(
                    "select swept_at > $2 as begun from cursor where connection = $1",
                    self.world.connection,
                    since,
                )
                return bool(rows) and enough([row["begun"] for row in rows])

            await self.world.until(look, "the ledger to be swept")
        finally:
            await db.close()

    async def both(self) -> tuple[Books, Books]:
        """The product's books and the ledger's."""
        return await product.books(self.world), await self.ledger.books()

    async def agree(self) -> Books:
        """Every field is the same on both sides, and the ledger's accounts add up."""
        await acts.caught_up(self.world)
        ours, theirs = await self.both()
        shown = ours.without_voided(self.ledger.keeps_voided)
        if not self.ledger.deletes:
            ended = dict.fromkeys(self.deleted, VOID)
            shown = replace(shown, invoices={**shown.invoices, **ended})
        shown = shown if self.placed else shown.without_places()
        for name in Books.__dataclass_fields__:
            there, here = getattr(theirs, name), getattr(shown, name)
            assert {name: self._without_seeded(name, there, here)} == {name: here}
        debit, credit, receivable = await self.ledger.trial_balance()
        assert debit == credit
        assert receivable == ours.receivable
        return ours

    def _without_seeded(self, name: str, there: Any, here: Any) -> Any:
        seeded = getattr(self.seeded, name)
        if not isinstance(seeded, dict):
            return there
        return {
            key: one
            for key, one in there.items()
            if key in here or key not in seeded or one != seeded[key]
        }

    async def proven(self) -> Books:
        """They agree; everything delivered again makes no write, and they agree still."""
        await self.come_back()
        books = await self.agree()
        writes = await self.world.writes()
        await acts.deliver_again(self.world)
        assert await self.world.writes() == writes, "delivered again, something was written"
        assert await self.agree() == books
        return books

    @asynccontextmanager
    async def refusals(self) -> AsyncIterator[None]:
        """Meanwhile the ledger refuses the next write for a reason that nobody has met."""
        for method in ("POST", "PUT"):
            await self.world.fault("error-before", method=method, status=400)
        yield
        await self.world.clear_faults()

    async def held(self, kind: str, entity: str) -> Json:
        """Wait until it is held; why, in words."""
        return await self.world.held(kind, entity)

    def born(self, kind: EntityType, external: str) -> str:
        """The local id of a record first seen in the ledger."""
        return local_id(self.world.connection, kind, external)
