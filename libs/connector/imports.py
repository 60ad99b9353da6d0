"""What of the ledger a connection does not take in, by its policy; each is said, once."""

from contracts.entities import DOCUMENTS, Entity, Payment, Refund
from contracts.topics import lane_key
from contracts.values import EntityType
from libs.connector import leases
from libs.connector.errors import Held
from libs.connector.ids import settled
from libs.connector.interface import Record
from libs.connector.kernel import Desk
from libs.connector.lane import Lane
from libs.service.database import Connection


async def unwanted(db: Connection, desk: Desk, record: Record) -> Held | None:
    """Why a record that is nobody's of ours is not taken in; None: it is."""
    policy, kind = desk.account.policy, record.type
    if not policy.takes(kind):
        return not_taken(desk, kind, "made")
    if policy.imports == "import":
        return None
    if kind in DOCUMENTS or await _only_of_unknown(db, desk, record):
        name = kind.replace("_", " ")
        return Held(
            f"The {name} {record.number or record.id} was made in {_company(desk)} and is not "
            "imported: documents made there are ignored.",
            reason="not-imported",
            action=f"{_command(desk)} --imports import takes it in.",
        )
    return None


async def leave(db: Connection, desk: Desk, lane: Lane, record: Record, why: Held) -> None:
    """Say once that it stays in the ledger alone; the caller saves the lane."""
    await leases.explain(db, lane, why.sentence)
    lane.ledger_number = record.number
    if not lane.skipped:
        desk.teller.held(lane, why)
    lane.skipped = True


def not_taken(desk: Desk, kind: EntityType, what: str) -> Held:
    """It was made or changed in the ledger, and nothing of its kind comes back from there."""
    name = kind.replace("_", " ")
    return Held(
        f"It was {what} in {_company(desk)}; a {name} does not come back from there.",
        reason="not-taken",
        action=f"{_command(desk)} --direction {kind}=both takes it back.",
    )


async def _only_of_unknown(db: Connection, desk: Desk, record: Record) -> bool:
    """Whether it is money for documents alone that were left in the ledger."""
    if record.type not in (EntityType.PAYMENT, EntityType.REFUND):
        return False
    entity: Entity = await settled(
        db, desk.ids, lambda: desk.kernel.connector.entity(record, desk.context)
    )
    if not isinstance(entity, Payment | Refund) or not entity.allocations:
        return False
    keys = [
        lane_key(desk.account.id, EntityType(share.document_type), share.document)
        for share in entity.allocations
    ]
    desk.ids.unseen()
    known: bool = await db.fetchval(
        "select exists (select from lane where key = any($1) and state <> 'absent')", keys
    )
    return not known


async def look_again(db: Connection, connection: str) -> None:
    """The policy has changed: what was left in the ledger is looked at anew."""
    await db.execute(
        """
        with left_there as (
            select key from lane where connection = $1 and skipped and revision = 0
              and state = 'absent' for update skip locked
        ), again as (
            update inbox i set state = 'pending' from left_there l
            where i.seq = (select max(seq) from inbox n where n.lane = l.key and n.kind = 'notice')
              and not exists (select from inbox n
                where n.lane = l.key and n.kind = 'notice' and n.state = 'pending')
        )
        update lane set due_at = now(), skipped = false from left_there
        where lane.key = left_there.key
        """,
        connection,
    )


def _company(desk: Desk) -> str:
    return desk.account.company_name or desk.kernel.provider.name


def _command(desk: Desk) -> str:
    return f"ledgerbridge policy --tenant {desk.account.tenant} --connection {desk.account.id}"
