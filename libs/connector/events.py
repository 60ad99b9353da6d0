"""What is told about a lane: numbered events, journalled in the transaction they belong to."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid5

from contracts.entities import Entity
from contracts.messages import (
    ConflictFound,
    EntityChanged,
    EntityGone,
    EntityHeld,
    EntityRejected,
    EntitySettled,
    ExternalId,
    FieldConflict,
    LaneEvent,
    Numbered,
)
from contracts.provider import Provider
from contracts.topics import ACCOUNTING_EVENTS, lane_key
from libs.connector.agreed import Changed, Conflict, Publication
from libs.connector.connections import Account
from libs.connector.errors import Held, SyncError
from libs.connector.flat import State
from libs.connector.lane import Lane
from libs.connector.states import SPACE, entity_of, same_money
from libs.messaging.cloudevents import headers
from libs.service.database import Connection


@dataclass(frozen=True, slots=True)
class Teller:
    """Makes the events of one connection's lanes."""

    provider: Provider
    account: Account

    def settled(self, lane: Lane, *, without_call: bool = False) -> None:
        """The ledger has what the product wants."""
        self._tell(lane, EntitySettled, revision=lane.agreed.settled, without_call=without_call)

    def held(self, lane: Lane, reason: SyncError) -> None:
        """It waits, and for what."""
        self._tell(lane, EntityHeld, why=reason)

    def rejected(self, lane: Lane, reason: SyncError) -> None:
        """It will not be tried again as it stands."""
        self._tell(lane, EntityRejected, why=reason)

    def gone(self, lane: Lane) -> None:
        """The record was deleted in the ledger."""
        self._tell(lane, EntityGone)

    def publish(self, lane: Lane, publications: Iterable[Publication], shown: State) -> None:
        """What the merge decided to say; their numbers were handed out by it."""
        for publication in publications:
            if not isinstance(publication, Changed):
                self._conflict(lane, publication)
            elif self.account.policy.takes(lane.type):
                self._changed(lane, publication, shown)
            else:
                self.held(lane, self._not_taken(lane))

    def _not_taken(self, lane: Lane) -> Held:
        """It stays owed, and is told with the next put once the policy lets it back."""
        account, name = self.account, lane.type.replace("_", " ")
        return Held(
            f"It was changed in {account.company_name}; a {name} does not come back from there.",
            reason="not-taken",
            action=f"ledgerbridge policy --direction {lane.type}=both --tenant {account.tenant} "
            f"--connection {account.id} takes it back.",
        )

    def _changed(self, lane: Lane, change: Changed, shown: State) -> None:
        self._tell(
            lane,
            EntityChanged,
            number=change.number,
            revision=change.revision,
            before=self._entity(lane, change.before, shown),
            after=self._entity(lane, change.after, shown),
            origin=lane.origin,
        )

    def _entity(self, lane: Lane, state: State, shown: State) -> Entity | None:
        if not state:
            return None
        totals = lane.facts.totals if shown and same_money(state, shown) else None
        return entity_of(state, lane.type, lane.id, totals)

    def _conflict(self, lane: Lane, conflict: Conflict) -> None:
        found = tuple(
            FieldConflict(path=path, product=_shown(a), ledger=_shown(b))
            for path, (a, b) in conflict.conflicts.items()
        )
        self._tell(
            lane,
            ConflictFound,
            number=conflict.number,
            revision=conflict.revision,
            conflicts=found,
            winner=conflict.winner,
        )

    def _tell(
        self,
        lane: Lane,
        event: type[LaneEvent],
        number: int = 0,
        why: SyncError | None = None,
        **more: Any,
    ) -> None:
        if not number:
            number = lane.agreed.number + 1
            lane.agreed = replace(lane.agreed, number=number)
        fields: dict[str, Any] = {
            **numbered(self.account, self.provider.id, number),
            "type": lane.type,
            "id": lane.id,
            "revision": lane.agreed.seen,
            "generation": lane.generation,
            "state": lane.state,
            "external_ids": tuple(
                ExternalId(type=p.type, id=p.id)
                for p in lane.parts
                if p.generation == lane.generation
            ),
            "ledger_number": lane.ledger_number,
            "link": self._link(lane),
            "balance": lane.facts.balance,
            "status": lane.facts.status,
        }
        lane.events.append(event(**{**fields, **(_why(why) if why else {}), **more}))

    def _link(self, lane: Lane) -> str:
        template = self.provider.links.get(lane.type, "")
        if not (template and lane.record and self.account.company):
            return ""
        return template.format(id=lane.record, company_code=self.account.company.code)


def numbered(account: Account, provider: str, number: int) -> dict[str, Any]:
    """The fields every event of a connector has."""
    return {
        "tenant": account.tenant,
        "provider": provider,
        "connection": account.id,
        "number": number,
        "at": datetime.now(UTC),
    }


async def journal(db: Connection, *lanes: Lane) -> None:
    """Write the lanes' waiting events down; the relay publishes them in order."""
    told = [event for lane in lanes for event in lane.events]
    if told:
        await _append(db, [(e, lane_key(e.connection, e.type, e.id)) for e in told])
    for lane in lanes:
        lane.events.clear()


async def append(db: Connection, event: Numbered, key: str) -> None:
    """One event under its key; its id is derived, so that a late repeat is known as one."""
    await _append(db, [(event, key)])


async def _append(db: Connection, told: Sequence[tuple[Numbered, str]]) -> None:
    await db.executemany(
        "insert into journal (topic, key, headers, value) values ($1, $2, $3, $4)",
        [
            (ACCOUNTING_EVENTS.name, key, _headers(event, key), event.model_dump_json().encode())
            for event, key in told
        ],
    )
    await db.execute("select pg_notify('journal', '')")


def _headers(event: Numbered, key: str) -> str:
    made = headers(
        event,
        source=f"ledgerbridge/connectors/{event.provider}",
        id=str(uuid5(SPACE, f"{key}#{event.number}")),
        time=event.at,
        tenant=event.tenant,
        connection=event.connection,
        provider=event.provider,
    )
    return json.dumps({name: value.decode() for name, value in made})


def _why(reason: SyncError) -> dict[str, str]:
    return {
        "reason": reason.reason,
        "sentence": reason.sentence[:4000],
        "action": reason.action[:4000],
    }


def _shown(state: State) -> dict[str, str | bool | None]:
    return {k: v if isinstance(v, bool) else str(v) for k, v in state.items()}
