"""Taking in: what the ledger shows is merged into a lane's working copy."""

from collections.abc import Collection
from dataclasses import replace

from contracts.values import EntityType
from libs.connector import alerts, parts, referring, rows
from libs.connector import merge as rules
from libs.connector.baseline import baseline
from libs.connector.errors import Held
from libs.connector.flat import State
from libs.connector.ids import settled
from libs.connector.interface import Record
from libs.connector.kernel import Desk
from libs.connector.lane import Facts, Lane
from libs.service.database import Connection


async def take_in(db: Connection, desk: Desk, lane: Lane, record: Record | None) -> bool:
    """Merge what the ledger shows into the lane's working copy; whether anything was new.

    None: the record is deleted there. The caller saves the lane and journals its events.
    """
    if record is None or record.state == "deleted":
        if gone := _gone(desk, lane):
            await referring.hint(db, lane)
        return gone
    if lane.doubt and lane.state == "bound":
        await baseline(db, desk, lane, record)
    before, related = (_told(lane), lane.ledger_number), set(lane.facts.related)
    shown = await desk.shown(db, lane, record, lane.agreed.theirs)
    await parts.bind_sides(db, lane, record.parts)
    put_away = record.state == "void" or shown.get("status") == "archived"
    if put_away and _removed_by_us(lane):
        shown = {}
    await _hint_related(db, lane, related ^ set(lane.facts.related))
    await _archiving(db, desk, lane, shown)
    lane.agreed, publications = rules.on_pull(lane.agreed, shown)
    lane.state = "void" if record.state == "void" else "bound"
    desk.teller.publish(lane, publications, shown)
    if publications and record.replaced_by:
        await _tell_merged(db, desk, lane, record)
        await referring.hint(db, lane)
    if not publications and before != (_told(lane), lane.ledger_number):
        desk.teller.settled(lane, without_call=True)
    return bool(publications)


async def _archiving(db: Connection, desk: Desk, lane: Lane, shown: State) -> None:
    """A customer who is archived there stops his documents: that is an alert, until he is back."""
    former = lane.agreed.theirs.get("status")
    if lane.type is EntityType.CONTACT and shown and former != shown.get("status"):
        name, archived = str(shown.get("name", lane.id)), shown.get("status") == "archived"
        provider = desk.kernel.provider.id
        await alerts.contact(db, provider, desk.account, lane.id, name, archived=archived)


async def _tell_merged(db: Connection, desk: Desk, lane: Lane, record: Record) -> None:
    """It was put away because another record took its place: the product is told which."""
    kind = lane.type
    other = await settled(db, desk.ids, lambda: desk.ids.local(kind, record.replaced_by))
    name = desk.kernel.provider.name
    desk.teller.held(
        lane,
        Held(
            f"In {name} the bookkeeper merged {kind} {lane.id} into {kind} {other}: it is archived "
            "there, and what it had is the other's now.",
            reason="merged",
            action=f"Use {kind} {other} for what is new.",
        ),
    )


def _told(lane: Lane) -> Facts:
    """What of the facts is news; when the record was touched is none."""
    return replace(lane.facts, updated_at="", as_of="", related=())


async def _hint_related(db: Connection, lane: Lane, names: Collection[str]) -> None:
    """An invoice's payment came or went: where payments have no hook of their own, this is it."""
    for name in sorted(names):
        kind, _, record = name.partition("/")
        await rows.notice(db, lane.connection, EntityType(kind), {record: None})


def _gone(desk: Desk, lane: Lane) -> bool:
    if lane.state != "bound":
        return False
    lane.state = "gone"
    lane.agreed, publications = rules.on_pull(lane.agreed, {})
    desk.teller.publish(lane, publications, {})
    desk.teller.gone(lane)
    return True


def _removed_by_us(lane: Lane) -> bool:
    return not lane.agreed.ours and not lane.agreed.theirs and lane.agreed.settled > 0
