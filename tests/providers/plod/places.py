"""Places: a delivery address is a record beside its customer, made and changed by calls of its own.

`places/<id>` is how a place's id is spelled: customers and places count from the same thousand.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from contracts.entities import Address, Contact
from contracts.values import EntityType
from libs.connector import wire
from libs.connector.interface import Notice, Record, Request, Session, Step, Verb, Write
from libs.connector.shapes import Answer
from tests.providers.plod import mapping

PREFIX = "places/"
DELIVERY = "addresses.delivery."


def step(write: Write) -> Step | None:
    """The customer first, then its place; a customer's place goes before the customer."""
    assert isinstance(write.entity, Contact)
    wanted, there = mapping.delivery_of(write.entity), _there(write)
    if write.verb is Verb.DELETE:
        return Step(Verb.UPDATE, _with(write.entity, None)) if there else None
    if wanted == there:
        return None
    if write.verb is Verb.CREATE or not is_about_place(write):
        return Step(write.verb, _with(write.entity, there))
    return Step(Verb.UPDATE, write.entity, makes=there is None)


def is_about_place(write: Write) -> bool:
    """Whether nothing but the delivery address is to change."""
    paths = write.changed
    return bool(paths) and all(path.startswith(DELIVERY) for path in paths)


def request(write: Write) -> Request:
    """Make, change or remove the place."""
    assert isinstance(write.entity, Contact)
    wanted, place = mapping.delivery_of(write.entity), write.raw.get("place")
    if wanted is None and place:
        return Request("DELETE", f"/places/{place['id']}", (("version", str(place["version"])),))
    assert wanted
    element = {**mapping.place_to_plod(wanted), "customer": int(write.record)}
    if not place:
        return Request("POST", "/places", (), wire.encode(element))
    element["version"] = int(place["version"])
    return Request("PUT", f"/places/{place['id']}", (), wire.encode(element))


def result(write: Write, answer: Answer) -> Record:
    """The customer as it was read, with the place as it is now."""
    place = None if answer.status in (204, 404) else answer.json()
    return mapping.record(EntityType.CONTACT, {**write.raw, "place": place})


async def read(session: Session, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The places with these ids that are still there."""
    answers = [await session.get(f"/{one}") for one in ids]
    return [answer.json() for answer in answers if answer.status == 200]


async def of_customer(session: Session, customer: str) -> dict[str, Any] | None:
    """The newest place of a customer."""
    answer = await session.get("/places", {"customer": customer})
    found: list[dict[str, Any]] = answer.json()["places"]
    return found[-1] if found else None


def as_side(raw: dict[str, Any]) -> Record:
    """A place as the side record it is."""
    customer = Notice(EntityType.CONTACT, str(raw["customer"]))
    known = mapping.record(EntityType.CONTACT, raw)
    return replace(known, id=f"{PREFIX}{raw['id']}", belongs_to=customer, parts=())


def _there(write: Write) -> Address | None:
    place = write.raw.get("place")
    return mapping.place_from_plod(place) if place else None


def _with(contact: Contact, delivery: Address | None) -> Contact:
    others = tuple(one for one in contact.addresses if one.kind != "delivery")
    return contact.model_copy(update={"addresses": (*others, delivery) if delivery else others})
