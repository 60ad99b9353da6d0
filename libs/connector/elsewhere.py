"""What the tenant's other connections have to do with an entity of this one."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from contracts.entities import DOCUMENTS, Payment
from contracts.messages import EntityPut, Scope
from contracts.topics import lane_key
from contracts.values import EntityType
from libs.connector import gate
from libs.connector.connections import Account
from libs.connector.errors import NotReady
from libs.connector.lane import Lane
from libs.service.database import Connection


class StillElsewhere(NotReady):
    """It has left another connection's scope, and is to be removed there first."""

    def __init__(self, lane: Lane, lanes: Sequence[str]) -> None:
        super().__init__(((lane.type, lane.id),))
        self.lanes = tuple(lanes)


async def removed_first(db: Connection, account: Account, lane: Lane, event: EntityPut) -> None:
    """Raises StillElsewhere while a connection that no longer takes the document has it."""
    if lane.type not in DOCUMENTS or lane.state != "absent":
        return
    rows = await db.fetch(
        """
        select l.key, c.scope from connection c
        join lane l on l.key = c.id || '/' || $3 || '/' || $4
        where c.tenant = $1 and c.id <> $2 and c.state <> 'closed'
          and (l.state = 'bound' or l.call is not null)
        """,
        account.tenant,
        account.id,
        str(lane.type),
        lane.id,
    )
    scopes = {row["key"]: Scope.model_validate_json(row["scope"]) for row in rows}
    still = [key for key, scope in scopes.items() if not gate.in_scope(scope, event)]
    if still:
        raise StillElsewhere(lane, still)


async def share(db: Connection, account: Account, payment: Payment) -> Payment | None:
    """A payment's part for documents that this connection takes; None: it pays only others."""
    if account.scope == Scope():
        return payment
    puts = await _documents(db, account, payment)
    others = {key for key, put in puts.items() if not gate.in_scope(account.scope, put)}
    ours = [
        s for s in payment.allocations if _key(account, s.document_type, s.document) not in others
    ]
    if len(ours) == len(payment.allocations):
        return payment
    if not ours:
        return None
    left = sum((s.amount for s in payment.allocations if s not in ours), Decimal(0))
    return payment.model_copy(update={"allocations": tuple(ours), "amount": payment.amount - left})


async def _documents(db: Connection, account: Account, payment: Payment) -> Mapping[str, EntityPut]:
    """The newest puts of what it pays, as far as they have been filed."""
    rows = await db.fetch(
        """
        select distinct on (lane) lane, body from inbox
        where lane = any($1) and kind = 'put' order by lane, seq desc
        """,
        [_key(account, share.document_type, share.document) for share in payment.allocations],
    )
    return {row["lane"]: EntityPut.model_validate_json(row["body"]) for row in rows}


def _key(account: Account, kind: str, document: str) -> str:
    return lane_key(account.id, EntityType(kind), document)
