"""Plod Books, invented: README.md holds its documents."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from contracts.entities import Contact, Entity, Invoice, Item, Payment, TaxMode
from contracts.values import EntityType
from libs.connector import wire
from libs.connector.companies import LedgerAccount, LedgerTax
from libs.connector.errors import Conflict, Held, Rejected, SyncError, Unavailable
from libs.connector.interface import (
    Answer,
    Company,
    Context,
    Record,
    Request,
    Result,
    Session,
    Step,
    Verb,
    Wanted,
    Write,
)
from tests.providers.plod import mapping, places

RESOURCES = {
    EntityType.CONTACT: "customers",
    EntityType.ITEM: "products",
    EntityType.INVOICE: "invoices",
    EntityType.PAYMENT: "receipts",
}
UNMAPPED = ("notes",)
"""What we have no word for; a replacement that does not name it would empty it."""
HELD = {
    "code_taken": "Rename one of the two products.",
    "in_use": "Delete what uses it in Plod Books first.",
    "overpaid": "Lower the payment, or pay another invoice.",
    "paid": "Delete its receipts in Plod Books.",
}


class PlodConnector:
    """What is odd about Plod Books: every update replaces the record and names its version."""

    # Writes

    def request(self, writes: Sequence[Write], context: Context) -> Request:
        """One record per call."""
        write = writes[0]
        if _is_place(write):
            return places.request(write)
        path = f"/{RESOURCES[write.type]}"
        if write.verb is Verb.DELETE:
            return Request("DELETE", f"{path}/{write.record}", (("version", write.version),))
        element = _element(write.entity, write.marker, context)
        if write.verb is Verb.CREATE:
            return Request("POST", path, (), wire.encode(element))
        if write.verb is Verb.VOID:
            element["status"] = "void"
        kept = {name: write.raw[name] for name in UNMAPPED if name in write.raw}
        element = {**kept, **element, "version": int(write.version)}
        return Request("PUT", f"{path}/{write.record}", (), wire.encode(element))

    def results(
        self, writes: Sequence[Write], answer: Answer, context: Context
    ) -> Sequence[Result]:
        """The record, or what to do about the refusal."""
        del context
        write = writes[0]
        if write.verb is Verb.DELETE and answer.status in (204, 404):
            return [Record(write.type, write.record, {}, "deleted")]
        if answer.status not in (200, 201, 204):
            raise _refused(write, answer)
        if _is_place(write):
            return [places.result(write, answer)]
        place = {"place": write.raw["place"]} if write.raw.get("place") else {}
        return [mapping.record(write.type, {**answer.json(), **place})]

    def step(self, write: Write, context: Context) -> Step | None:
        """See Steps.step."""
        del context
        return places.step(write) if write.type is EntityType.CONTACT else None

    # Translation

    def entity(self, record: Record, context: Context) -> Entity:
        """See Maps.entity."""
        return mapping.entity(record.type, record.raw, context)

    def normalised(self, entity: Entity, context: Context) -> Entity:
        """What was sent, shown again; our own references stay."""
        kind = EntityType(entity.type)
        element = _element(entity, "", context)
        if isinstance(entity, Contact) and (delivery := mapping.delivery_of(entity)):
            element["place"] = mapping.place_to_plod(delivery) | {"id": "new"}
        if isinstance(entity, Payment):
            element["customer"] = context.ids.external(EntityType.CONTACT, entity.contact)
        if not isinstance(entity, Invoice):
            return mapping.entity(kind, element, context)
        named = zip(element["lines"], entity.lines, strict=True)
        element["lines"] = [{**line, "no": own.id} for line, own in named]
        return mapping.entity(kind, element, context)

    def check(self, entity: Entity, context: Context) -> None:
        """Prices contain tax there, and totals are rounded per line."""
        if isinstance(entity, Payment) and len(entity.allocations) != 1:
            raise Held("A receipt is of one invoice.", reason="not-yet", action="Enter it by hand.")
        if not isinstance(entity, Invoice):
            return
        taxed = any(line.tax_rate for line in entity.lines)
        if entity.tax_mode != TaxMode.INCLUSIVE and taxed:
            raise Held(
                f"Invoice {entity.id} has prices before tax; Plod Books only has prices with it.",
                reason="tax-mode",
                action="Save it with prices that contain tax.",
            )
        theirs = mapping.predicted(entity, context)
        if theirs != entity.totals:
            raise Held(
                f"Invoice {entity.id} comes to {entity.totals.net} + {entity.totals.tax} here; "
                f"Plod Books would make it {theirs.net} + {theirs.tax}.",
                reason="rounding",
                action="Correct the prices or the totals in the product.",
            )

    # Reads

    async def describe(self, session: Session) -> Company:
        """One call."""
        answer = await session.get("/company")
        if answer.status != 200:
            raise Unavailable("Plod Books shows no company.")
        raw = answer.json()
        return Company(
            id=raw["key"],
            name=raw["title"],
            currency=raw["currency"],
            accounts=tuple(_account(one) for one in raw["accounts"]),
            tax_codes=tuple(
                LedgerTax(id=tax["code"], name=tax["code"], rate=Decimal(tax["percent"]))
                for tax in raw["taxes"]
            ),
        )

    async def read(
        self, session: Session, kind: EntityType, ids: Mapping[str, Sequence[str]]
    ) -> Mapping[str, Record]:
        """One call each."""
        found: dict[str, Record] = {}
        for one, sides in ids.items():
            if one.startswith(places.PREFIX):
                found |= {
                    side.id: side for side in map(places.as_side, await places.read(session, [one]))
                }
                continue
            answer = await session.get(f"/{RESOURCES[kind]}/{one}")
            if answer.status == 200:
                beside = await places.read(session, sides)
                raw = answer.json() | ({"place": beside[-1]} if beside else {})
                found[one] = mapping.record(kind, raw)
        return found

    async def find(
        self, session: Session, kind: EntityType, wanted: Sequence[Wanted]
    ) -> Sequence[Record]:
        """Invoices by the marker in their memo, products by code, places by their customer."""
        found: list[Record] = []
        for one in wanted:
            if kind is EntityType.CONTACT:
                place = await places.of_customer(session, one.record)
                sides = [f"{places.PREFIX}{place['id']}"] if place else []
                found += (await self.read(session, kind, {one.record: sides})).values()
                continue
            by = {"memo": one.marker} if kind is EntityType.INVOICE else {"code": one.number}
            async for page in _pages(session, RESOURCES[kind], by):
                found += [mapping.record(kind, raw) for raw in page]
        return found

    def changes(
        self, session: Session, kind: EntityType, since: datetime | None
    ) -> AsyncIterator[Sequence[Record]]:
        """By the moment of change, that moment included."""
        params = {"changed_since": since.astimezone(UTC).isoformat()} if since else {}
        return _all_of(session, kind, params)

    async def census(self, session: Session, kind: EntityType) -> Collection[str]:
        """Deletes are never listed: what is not here is gone."""
        return [record.id async for page in _all_of(session, kind, {}) for record in page]


def _is_place(write: Write) -> bool:
    return write.type is EntityType.CONTACT and places.is_about_place(write)


async def _all_of(
    session: Session, kind: EntityType, params: dict[str, str]
) -> AsyncIterator[Sequence[Record]]:
    """A customer's places are news of the customer."""
    async for page in _pages(session, RESOURCES[kind], params):
        yield [mapping.record(kind, raw) for raw in page]
    if kind is EntityType.CONTACT:
        async for page in _pages(session, "places", params):
            yield [places.as_side(raw) for raw in page]


def _element(entity: Entity, marker: str, context: Context) -> mapping.Element:
    if isinstance(entity, Contact):
        return mapping.contact_to_plod(entity)
    if isinstance(entity, Item):
        return mapping.item_to_plod(entity)
    if isinstance(entity, Payment):
        return mapping.payment_to_plod(entity, context)
    assert isinstance(entity, Invoice)
    return mapping.invoice_to_plod(entity, marker, context)


def _refused(write: Write, answer: Answer) -> SyncError:
    raw = answer.json()
    sentence = f"Plod Books refuses {write.type} {write.id}: {raw['message']}"
    if answer.status == 409:
        return Conflict(sentence)
    if action := HELD.get(raw["code"]):
        return Held(sentence, reason=raw["code"].replace("_", "-"), action=action)
    return Rejected(sentence, reason="refused", action="Correct it in the product.")


async def _pages(
    session: Session, resource: str, params: dict[str, str]
) -> AsyncIterator[Sequence[Any]]:
    start: Any = None
    while True:
        more = {"from": str(start)} if start else {}
        answer = (await session.get(f"/{resource}", {**params, **more})).json()
        yield answer[resource]
        start = answer["next"]
        if start is None:
            return


def _account(raw: Mapping[str, Any]) -> LedgerAccount:
    bank = raw["kind"] == "bank"
    return LedgerAccount(
        id=raw["code"], code=raw["code"], name=raw["name"], kind=raw["kind"], takes_payments=bank
    )
