"""Both sides of one record as they are now: what differs, who touched it, and what to do."""

from collections.abc import Sequence
from typing import Any

from contracts.messages import Check, Difference, EntityPut
from contracts.topics import lane_key
from libs.connector import collisions, lanes, roster
from libs.connector.flat import State
from libs.connector.interface import Record, Wanted
from libs.connector.kernel import Desk
from libs.connector.lane import Lane
from libs.connector.matching import Known, match, words_of
from libs.connector.numbers import number, outward
from libs.connector.spelling import stored
from libs.connector.states import state_of
from libs.service.database import Connection

Found = dict[str, Any]


async def check(db: Connection, desk: Desk, question: Check) -> Found:
    """The fields of a CheckReport; raises an error of the tree where a side cannot be read."""
    key = lane_key(desk.account.id, question.type, question.entity)
    lane = (await lanes.load(db, [key])).get(key)
    head: Found = {"type": question.type, "id": question.entity}
    if lane is None:
        return head | {
            "advice": "push",
            "sentence": "The connection has not heard of it.",
            "action": "Save it in the product once more, or move the start to before it was made.",
        }
    put = await _newest(db, lane)
    found = await _bound(db, desk, lane, put) if lane.record else await _free(db, desk, lane, put)
    return head | {"external_id": lane.record} | _with_hold(lane, found)


async def _newest(db: Connection, lane: Lane) -> EntityPut | None:
    body = await db.fetchval(
        "select body from inbox where lane = $1 and kind = 'put' and revision = $2",
        lane.key,
        lane.revision,
    )
    return EntityPut.model_validate_json(body) if body else None


async def _bound(db: Connection, desk: Desk, lane: Lane, put: EntityPut | None) -> Found:
    session = await desk.kernel.sessions.session(desk.account)
    wanted = {lane.record: lane.sides}
    record = (await desk.kernel.connector.read(session, lane.type, wanted)).get(lane.record)
    if record is None or record.state == "deleted":
        return _gone(desk, lane)
    theirs = lane.agreed.theirs
    shown = await desk.shown(db, lane, record, theirs)
    said = state_of(put.entity) if put else lane.agreed.ours
    totals = getattr(put.entity, "totals", None) if put else None
    normal = await stored(db, desk, lane, said, totals) if said else {}
    found = _differences(lane, said, normal, shown, theirs)
    return {"differences": found} | _advice(desk, lane, found)


async def _free(db: Connection, desk: Desk, lane: Lane, put: EntityPut | None) -> Found:
    if lane.state == "gone":
        return _gone(desk, lane)
    if put is None:
        return {"advice": "nothing", "sentence": "It is in the ledger alone, and is left there."}
    candidates = await _candidates(db, desk, lane, put)
    if not candidates:
        sentence = "It is not in the ledger; nothing there looks like it."
        return {"advice": "push", "sentence": sentence, "action": _command(desk, lane, "sync-now")}
    listed = "; ".join(candidates)
    return {
        "candidates": tuple(c.partition(" ")[0][:255] for c in candidates),
        "advice": "link",
        "sentence": f"It is not bound to a record, but the ledger has: {listed}."[:4000],
        "action": f"ledgerbridge link {lane.type} {lane.id} <id> {_where(desk)}",
    }


async def _candidates(db: Connection, desk: Desk, lane: Lane, put: EntityPut) -> list[str]:
    if lane.type in roster.LISTS:
        words = words_of(put.entity)
        there = await roster.theirs(db, desk.account.id, lane.type, list(words.items()))
        met = match([Known(lane.id, words)], there)
        known = {one.id: one for one in there}
        unclear = met.unclear.get(lane.id, ())
        return [str(known[i]) for i in met.pairs.values()] + [str(one) for one in unclear]
    entity = outward(lane, put.entity)
    wanted = Wanted(lane.type, lane.id, lane.marker, number(entity), entity=entity)
    taken = await collisions.search(db, desk, [wanted])
    return [_described(one.record) for one in taken if not one.owner]


def _differences(
    lane: Lane, said: State, normal: State, shown: State, theirs: State
) -> tuple[Difference, ...]:
    found = []
    for path in dict.fromkeys([*normal, *shown]):
        ours, there = normal.get(path), shown.get(path)
        by_us = said.get(path) != lane.agreed.ours.get(path)
        by_them = there != theirs.get(path)
        own_spelling = ours is None or there is None
        if ours == there or (own_spelling and not (by_us or by_them)):
            continue
        touched = "both" if by_us and by_them else "product" if by_us else "ledger"
        who = touched if by_us or by_them else "neither"
        mine, its = _text(said.get(path, ours)), _text(there)
        found.append(Difference(path=path, product=mine, ledger=its, touched=who))  # type: ignore[arg-type]
    return tuple(found)


def _advice(desk: Desk, lane: Lane, found: Sequence[Difference]) -> Found:
    who = {one.touched for one in found} - {"neither"}
    if not who:
        return {"advice": "nothing", "sentence": "Both sides say the same."}
    if "both" in who:
        asked = lane.agreed.held.number if lane.agreed.held else 0
        action = f"ledgerbridge resolve {lane.type} {lane.id} product|ledger --conflict {asked} "
        return {
            "advice": "resolve",
            "sentence": "Both sides changed it, and each says something else.",
            "action": action + _where(desk) if asked else _command(desk, lane, "sync-now"),
        }
    advice = "push" if who == {"product"} else "pull"
    sentence = {
        "push": "The product has changed it since; the ledger has not got it yet.",
        "pull": "The ledger has changed it since; the product has not got it yet.",
    }[advice]
    if len(who) > 1:
        sentence = "Each side has changed something else; both changes go over by themselves."
    return {
        "advice": advice,
        "sentence": sentence,
        "action": _command(desk, lane, "sync-now"),
    }


def _gone(desk: Desk, lane: Lane) -> Found:
    return {
        "advice": "recreate",
        "sentence": "It was deleted in the ledger.",
        "action": f"ledgerbridge recreate {lane.type} {lane.id} --generation {lane.generation} "
        f"{_where(desk)} creates it again; or delete it in the product.",
    }


def _with_hold(lane: Lane, found: Found) -> Found:
    if not (lane.hold or lane.dead or lane.skipped):
        return found
    reason = lane.hold or ("rejected" if lane.dead else "skipped")
    return found | {"sentence": f"{found['sentence']} It is held: {reason}."}


def _described(record: Record) -> str:
    total = f" (total {record.totals.gross})" if record.totals else f" ({record.number})"
    return record.id + total


def _command(desk: Desk, lane: Lane, name: str) -> str:
    return f"ledgerbridge {name} --type {lane.type} --id {lane.id} {_where(desk)}"


def _where(desk: Desk) -> str:
    return f"--tenant {desk.account.tenant} --connection {desk.account.id}"


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
