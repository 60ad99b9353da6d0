"""What a connection takes: its start, its scope, and the status documents are pushed from. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from contracts.entities import DOCUMENTS, Contact, Item, Payment
from contracts.messages import EntityDeleted, EntityPut, Scope
from contracts.values import EntityType
from libs.connector.connections import Account
from libs.connector.lane import Lane

_STATUSES = ("draft", "approved", "sent", "paid")


@dataclass(frozen=True, slots=True)
class Skip:
    """It is not for this connection, for good as it stands."""

    reason: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Ask:
    """It is for no connection at all: a person is asked."""

    sentence: str
    action: str


Verdict = Literal["take", "remove", "nothing"] | Skip | Ask


def verdict(
    account: Account, others: Sequence[Scope], lane: Lane, event: EntityPut | EntityDeleted
) -> Verdict:
    """Whether the connection takes the event; `others`: the scopes of the tenant's other ones.

    `remove`: it has left the scope where it is bound; `nothing`: there is nothing to remove.
    """
    absent = lane.state == "absent"
    if isinstance(event, EntityDeleted) or _void(event):
        done = absent or lane.state == "gone"
        return "nothing" if done and not lane.doubt else "take"
    if not in_scope(account.scope, event):
        return _out_of_scope(others, event, absent=absent)
    if absent and (kept := _kept_out(account, event, again=lane.generation > 0)):
        return kept
    return "take"


def would_take(account: Account, put: EntityPut) -> bool:
    """Whether the connection would create a record for the put, started as `account` says."""
    kind = put.entity.type
    wanted = account.policy.sends(kind) and not (_void(put) or _too_early(account, put))
    return wanted and in_scope(account.scope, put) and not _before(account, put)


def turned_away(account: Account, others: Sequence[Scope], put: EntityPut) -> Skip | Ask | None:
    """Why the connection makes no record for a put; None: it does."""
    if in_scope(account.scope, put):
        return _kept_out(account, put, again=False)
    found = _out_of_scope(others, put, absent=True)
    return found if isinstance(found, Skip | Ask) else None


def _kept_out(account: Account, event: EntityPut, *, again: bool) -> Skip | None:
    if not account.policy.sends(event.entity.type):
        return not_sent(event.entity.type)
    if not again and _before(account, event):
        started = account.starts_at.isoformat(timespec="minutes")
        return Skip("before-connection", f"It was made before the connection's start, {started}.")
    if _too_early(account, event):
        wanted = account.policy.push_from
        return Skip("draft", f"It is sent from the status {wanted!r} on; it is not that far yet.")
    return None


def not_sent(kind: EntityType) -> Skip:
    """The policy keeps the product's records of this kind from the ledger."""
    name = kind.replace("_", " ")
    return Skip("not-sent", f"A {name} of the product is not sent to the ledger: policy.")


def in_scope(scope: Scope, event: EntityPut) -> bool:
    """Whether a document's location and currency are the connection's; the rest always is."""
    entity = event.entity
    if isinstance(entity, Contact | Item | Payment) or entity.type not in DOCUMENTS:
        return True
    location = getattr(entity, "location", None)
    currency = getattr(entity, "currency", None)
    here = not scope.locations or location in scope.locations
    return here and (not scope.currencies or currency in scope.currencies)


def _void(event: EntityPut) -> bool:
    return getattr(event.entity, "status", "") == "void"


def _before(account: Account, event: EntityPut) -> bool:
    if event.entity.type in (EntityType.CONTACT, EntityType.ITEM):
        return False
    made = event.batch.made_at if event.batch else event.made_at
    return made < account.starts_at


def _too_early(account: Account, event: EntityPut) -> bool:
    if event.entity.type not in DOCUMENTS:
        return False
    status = str(getattr(event.entity, "status", "approved"))
    return _STATUSES.index(status) < _STATUSES.index(account.policy.push_from)


def _out_of_scope(others: Sequence[Scope], event: EntityPut, *, absent: bool) -> Verdict:
    if not absent:
        return "remove"
    if any(in_scope(scope, event) for scope in others):
        return Skip("other-connection", "Another connection of the tenant takes it.")
    return Ask(
        "No connection of the tenant takes its location or currency.",
        "Widen a connection's scope, or give the document a location that one of them takes.",
    )
