"""A create whose number or name is another's is looked at once more, and only once."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from libs.connector.deliver import Courier, Job
from libs.connector.errors import Held
from libs.connector.interface import Verb
from libs.connector.numbers import DUPLICATE, ELSEWHERE
from libs.connector.work import Pause, write_of
from libs.service.database import Connection
from libs.testing.builders import contact, invoice
from tests.libs.connector.filed import claim, file, put


async def job(db: Connection, entity: Any, verb: Verb = Verb.CREATE) -> Job:
    await file(db, put(entity))
    (lane,) = await claim(db)
    return Job(lane, SimpleNamespace(), write_of(lane, verb, entity, ()))  # type: ignore[arg-type]


def collided(one: Job, reason: str) -> object:
    courier = Courier(SimpleNamespace(), SimpleNamespace(), {}, 0.0)  # type: ignore[arg-type]
    return courier._collided(one, Held("Taken.", reason=reason))


async def test_a_name_of_another_kind_of_record_is_spelled_apart(db: Connection) -> None:
    first = await job(db, contact())
    assert not first.write.collided
    assert isinstance(collided(first, ELSEWHERE), Pause)
    again = write_of(first.lane, Verb.CREATE, contact(), ())
    assert again.collided
    assert isinstance(collided(replace(first, write=again), ELSEWHERE), Held)


@pytest.mark.parametrize(("reason", "verb"), [(DUPLICATE, Verb.UPDATE), ("refused", Verb.CREATE)])
async def test_other_refusals_are_what_they_are(db: Connection, reason: str, verb: Verb) -> None:
    assert isinstance(collided(await job(db, invoice(), verb), reason), Held)


async def test_a_contact_has_no_number(db: Connection) -> None:
    assert isinstance(collided(await job(db, contact()), DUPLICATE), Held)
    assert isinstance(collided(await job(db, invoice()), DUPLICATE), Pause)
