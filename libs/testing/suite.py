"""The suite every REST connector passes: inherit it, say which connector, and fill in the data."""

import inspect
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any, ClassVar

import pytest

from contracts.entities import Entity
from contracts.provider import Provider, provider
from contracts.values import EntityType
from libs.connector import wire
from libs.connector.errors import SyncError
from libs.connector.interface import (
    Answer,
    Company,
    Connector,
    Context,
    Notifies,
    Record,
    Result,
    Verb,
    Wanted,
    Write,
)
from libs.connector.mappings import Mapped
from libs.connector.states import ENTITY, state_of
from libs.testing import builders
from libs.testing.books import KEPT, Books, Refusal, fields, imported_io, rate_of, words_of
from libs.testing.ledger import ORIGIN, KnownIds, signed_in


class ConnectorSuite:
    """Subclass it as `TestAcme`; every attribute below is data, no test needs to be written."""

    provider: ClassVar[str]
    connector: ClassVar[Connector]
    mapping: ClassVar[tuple[ModuleType, ...]]
    """The modules of pure translation."""
    simulator: ClassVar[Callable[[], Any]]
    """Makes the ASGI application that answers like the vendor, without rate limits."""
    prefix: ClassVar[str | None] = None
    """The simulator's root path; default: `/<provider>`."""
    words: ClassVar[dict[tuple[str, str], str]] = {}
    """(kind, our word) -> the ledger's, beyond the plain choices."""
    changed: ClassVar[dict[EntityType, dict[str, Any]]] = {
        EntityType.CONTACT: {"email": "new@harbour.example"},
        EntityType.ITEM: {"description": "Steel hinge"},
    }
    """Fields to change by an update; a path is the field's name."""
    kept: ClassVar[Mapping[EntityType, tuple[str, ...]]] = KEPT
    """Fields that come back exactly as they were sent."""
    refusals: ClassVar[dict[str, Refusal]] = {}
    """Error answers of the vendor by name."""
    bad: ClassVar[dict[str, Any]] = {"name": "  "}
    """What makes the contact of the samples one that the provider refuses."""

    @staticmethod
    def samples(company: Company) -> Sequence[Entity]:
        """One entity of each kind, what is referred to before what refers to it."""
        return builders.samples(company.currency, tax_rate=rate_of(company))

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """A test that asks for `kind` runs for every entity of the TOML; likewise `refusal`."""
        cls = metafunc.cls
        if cls is None or not hasattr(cls, "provider"):
            return
        if "kind" in metafunc.fixturenames:
            metafunc.parametrize("kind", list(self.facts().entities), ids=str)
        if "refusal" in metafunc.fixturenames:
            metafunc.parametrize("refusal", list(self.refusals.values()), ids=list(self.refusals))

    @classmethod
    def facts(cls) -> Provider:
        """The provider's TOML."""
        return provider(cls.provider)

    @pytest.fixture
    async def books(self) -> AsyncIterator[Books]:
        """A fresh simulated company, described by the connector."""
        facts = self.facts()
        prefix = f"/{facts.id}" if self.prefix is None else self.prefix
        app = type(self).simulator()
        async with signed_in(facts, app, ORIGIN + prefix) as ledger:
            company = await self.connector.describe(ledger)
            ids = KnownIds()
            words = Mapped("tenant", "suite", company, words_of(company) | self.words)
            samples = {EntityType(one.type): one for one in self.samples(company)}
            context = Context(company, ids, words)
            yield Books(ledger, self.connector, facts, context, ids, samples)

    def test_the_toml_fits_the_connector(self) -> None:
        facts = self.facts()
        assert facts.id == self.provider
        assert (facts.webhooks is not None) == isinstance(self.connector, Notifies)
        assert set(facts.calls.unlisted_deletes) <= set(facts.entities)
        for kind, entity in facts.entities.items():
            assert entity.find != "marker" or entity.marker, f"{kind}: which field has the marker?"
            assert kind in facts.calls.unlisted_deletes or entity.swept, (
                f"{kind} is never looked at"
            )

    async def test_the_company_is_the_one_connected(self, books: Books) -> None:
        assert books.context.company.id == books.ledger.company
        assert books.context.company.accounts
        assert books.context.company.tax_codes

    async def test_every_entity_of_the_toml_has_a_sample(self, books: Books) -> None:
        assert set(self.facts().entities) <= set(books.samples)

    async def test_normalised_is_idempotent(self, books: Books, kind: EntityType) -> None:
        sample = books.samples[kind]
        for other in books.referred(sample):
            await books.create(other)
        once = books.connector.normalised(sample, books.context)
        assert state_of(books.connector.normalised(once, books.context)) == state_of(once)

    async def test_the_ledger_shows_what_normalised_says(
        self, books: Books, kind: EntityType
    ) -> None:
        sample = books.samples[kind]
        answered = await books.create(sample)
        expected = books.normal(sample)
        assert books.shown(answered, expected) == expected
        read = await books.read(answered)
        assert read is not None
        shown = books.shown(read, expected)
        assert shown == expected
        kept = fields(state_of(sample), self.kept.get(kind, ()))
        assert kept == {path: shown.get(path) for path in kept}
        if (totals := getattr(sample, "totals", None)) is not None:
            assert read.totals == totals

    async def test_a_request_is_the_same_bytes_twice(self, books: Books, kind: EntityType) -> None:
        sample = books.samples[kind]
        writes = [books.write(sample)]
        again = [books.write(ENTITY.validate_json(ENTITY.dump_json(sample)))]
        first = books.connector.request(writes, books.context)
        assert books.connector.request(again, books.context) == first

    def test_the_mapping_imports_no_io(self) -> None:
        for module in self.mapping:
            assert not imported_io(inspect.getsource(module)), module.__name__

    async def test_the_marker_or_number_finds_it_again(
        self, books: Books, kind: EntityType
    ) -> None:
        facts, sample = books.facts.entities[kind], books.samples[kind]
        record = await books.create(sample)
        write = books.write(sample)
        if facts.marker:
            assert record.marker == write.marker
        if facts.find == "none":
            return
        number = str(getattr(sample, "number", "") or getattr(sample, "code", ""))
        wanted = Wanted(kind, sample.id, write.marker, number, None, sample)
        other = replace(wanted, id="nobody", marker="lb-nothingofthekind", number="no-such")
        found = await books.connector.find(books.ledger, kind, [wanted])
        assert [one.id for one in found] == [record.id]
        assert not await books.connector.find(books.ledger, kind, [other])

    async def test_an_update_changes_what_it_names(self, books: Books, kind: EntityType) -> None:
        if kind not in self.changed:
            return
        sample = books.samples[kind]
        before = await books.create(sample)
        after = sample.model_copy(update=self.changed[kind])
        theirs = state_of(books.connector.entity(before, books.context))
        paths = frozenset(self.changed[kind])
        update = books.write(after, Verb.UPDATE, changed=paths, before=theirs, raw=before.raw)
        (answered,) = await books.send([update])
        assert isinstance(answered, Record), f"{kind} was refused: {answered}"
        expected = books.normal(after)
        assert books.shown(answered, expected) == expected
        if books.facts.entities[kind].version:
            assert answered.version != before.version

    async def test_a_removed_record_is_not_live(self, books: Books, kind: EntityType) -> None:
        remove = books.facts.entities[kind].remove
        if remove == "none":
            return
        sample = books.samples[kind]
        record = await books.create(sample)
        theirs = state_of(books.connector.entity(record, books.context))
        verb = Verb.VOID if remove == "void" else Verb.DELETE
        (answered,) = await books.send([books.write(sample, verb, before=theirs)])
        assert isinstance(answered, Record), f"{kind} was not removed: {answered}"
        left = await books.read(record)
        archived = remove == "archive" and "archived" in str(left and left.status).lower()
        assert left is None or left.state != "live" or archived

    async def test_each_write_has_a_result_and_a_bad_one_leaves_the_others(
        self, books: Books
    ) -> None:
        good = books.samples[EntityType.CONTACT]
        bad = good.model_copy(update={"id": "bad", **self.bad})
        last = good.model_copy(update={"id": "c9", "name": "Quayside Roofing"})
        writes = [books.write(one) for one in (good, bad, last)]
        bulk = books.facts.entities[EntityType.CONTACT].bulk
        results: list[Result] = []
        for some in [writes[i : i + bulk] for i in range(0, len(writes), bulk)]:
            results += await self._results(books, some)
        assert [isinstance(one, Record) for one in results] == [True, False, True], results
        assert isinstance(results[1], SyncError)
        assert results[1].sentence
        assert results[1].action

    async def _results(self, books: Books, writes: Sequence[Write]) -> Sequence[Result]:
        try:
            results = await books.send(writes)
        except SyncError as error:
            if len(writes) > 1:
                pytest.fail(f"one bad element failed the whole call: {error}")
            return [error]
        assert len(results) == len(writes)
        return results

    async def test_refusals_are_understood(self, books: Books, refusal: Refusal) -> None:
        write = books.write(books.samples[refusal.kind])
        body = refusal.body if isinstance(refusal.body, bytes) else wire.encode(refusal.body)
        answer = Answer(refusal.status, {"content-type": "application/json"}, body)
        try:
            (found,) = books.connector.results([write], answer, books.context)
        except SyncError as error:
            found = error
        assert type(found) is refusal.error, found
        assert found.sentence
        assert found.reason == (refusal.reason or refusal.error.reason)

    async def test_a_sweep_shows_it(self, books: Books, kind: EntityType) -> None:
        record = await books.create(books.samples[kind])
        moment = record.updated_at
        for since in (None, moment):
            listed = [
                one
                async for page in books.connector.changes(books.ledger, kind, since)
                for one in page
            ]
            assert record.id in {one.id for one in listed}, f"not listed since {since}"
            moments = [one.updated_at for one in listed if one.updated_at]
            assert moments == sorted(moments)
        if kind in books.facts.calls.unlisted_deletes:
            assert record.id in await books.connector.census(books.ledger, kind)

    async def test_a_record_nobody_has_is_no_error(self, books: Books, kind: EntityType) -> None:
        record = await books.create(books.samples[kind])
        absent = record.id[:-1] + ("1" if record.id[-1] != "1" else "2")
        assert await books.connector.read(books.ledger, kind, {absent: ()}) == {}
