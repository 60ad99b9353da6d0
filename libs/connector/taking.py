"""What the connection takes: its start, its scope, and records taken over by the product."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from contracts.entities import Payment
from contracts.messages import EntityPut, Scope
from contracts.topics import lane_key
from libs.connector import elsewhere, events, gate, lanes, leases, rows
from libs.connector.errors import Held
from libs.connector.interface import Wanted
from libs.connector.kernel import Desk
from libs.connector.lane import Lane
from libs.connector.rows import put_of
from libs.connector.states import is_void
from libs.connector.work import Pause, Work
from libs.service.database import Connection


@dataclass(frozen=True, slots=True)
class Taker:
    """Decides for claimed lanes whether their puts are for this connection."""

    desk: Desk
    others: Sequence[Scope] = ()
    """The scopes of the tenant's other connections."""

    async def take(self, db: Connection, work: Work) -> bool:
        """Whether there is something to write; what is turned away ends here, said so."""
        lane, event = work.lane, work.event
        self.desk.kernel.facts(lane.type)
        if event.origin and lane.state == "absent" and not lane.generation:
            await self._rebind(db, lane, event.origin)
        verdict = gate.verdict(self.desk.account, self.others, lane, event)
        if lane.doubt and lane.state == "absent" and is_void(work.put.state):
            verdict = await self._look(db, work)
        if verdict == "take":
            return await self._ours(db, work)
        if verdict == "remove":
            work.put = replace(work.put, state={})
            return True
        await self.turn_away(db, work, verdict)
        return False

    async def _ours(self, db: Connection, work: Work) -> bool:
        """Of a payment this connection's share; of a document what is elsewhere no more."""
        if not isinstance(work.event, EntityPut) or is_void(work.put.state):
            return True
        entity = work.event.entity
        if isinstance(entity, Payment):
            share = await elsewhere.share(db, self.desk.account, entity)
            if share is None:
                sentence = "It pays documents of another connection of the tenant."
                await self.turn_away(db, work, gate.Skip("other-connection", sentence))
                return False
            work.event = work.event.model_copy(update={"entity": share})
            work.put = put_of(work.event, work.lane.connection)
        if self.others:
            await elsewhere.removed_first(db, self.desk.account, work.lane, work.event)
        return True

    async def _look(self, db: Connection, work: Work) -> gate.Verdict:
        """What may have been created before the schema was lost is looked for before a removal
        of it is taken for done."""
        lane, kernel = work.lane, self.desk.kernel
        entity = work.event.entity if isinstance(work.event, EntityPut) else None
        number = str(getattr(entity, "number", "") or getattr(entity, "code", ""))
        how = kernel.facts(lane.type).find
        if how == "none" or (how == "number" and not number):
            raise Held(
                "Whether the ledger has it is not known: the connector has lost its memory.",
                reason="uncertain",
                action=f"Look for {lane.type} {lane.id} in the ledger, then retry it.",
            )
        session = await kernel.sessions.session(self.desk.account)
        wanted = Wanted(lane.type, lane.id, lane.marker, number, entity=entity)
        found = await kernel.connector.find(session, lane.type, [wanted])
        ours = [r for r in found if r.marker == lane.marker and r.state == "live"]
        if not ours:
            lane.doubt = False
            return "nothing"
        await rows.notice(db, lane.connection, lane.type, {ours[0].id: None})
        raise Pause(timedelta(seconds=1))

    async def turn_away(self, db: Connection, work: Work, verdict: gate.Verdict) -> None:
        """The put ends here, and visibly so; raises Held where a person is asked."""
        lane = work.lane
        if isinstance(verdict, gate.Ask):
            raise Held(verdict.sentence, reason="no-connection", action=verdict.action)
        told = lane.skipped and lane.agreed.seen == work.put.revision
        async with lanes.change(db, lane):
            said = work.put.state if lane.state == "bound" else lane.agreed.said
            lane.agreed = replace(lane.agreed, said=said, seen=work.put.revision)
            lane.skipped = isinstance(verdict, gate.Skip)
            if isinstance(verdict, gate.Skip):
                if await leases.explain(db, lane, verdict.sentence) or not told:
                    self.desk.teller.held(lane, Held(verdict.sentence, reason=verdict.reason))
            else:
                lane.agreed = replace(lane.agreed, settled=work.put.revision)
                self.desk.teller.settled(lane, without_call=True)
            await keep(db, work, finished=True)

    async def _rebind(self, db: Connection, lane: Lane, origin: str) -> None:
        """The product took a record of the ledger over under an id of its own."""
        former = lane_key(lane.connection, lane.type, origin)
        leased = await lanes.lease(db, [former], self.desk.kernel.lease)
        if not leased:
            if former in await lanes.load(db, [former]):
                raise Pause(timedelta(seconds=1))
            return
        old = leased[0]
        try:
            if old.call or old.state == "absent":
                raise Pause(timedelta(seconds=1))
            async with lanes.change(db, old, lane):
                await lanes.take_over(db, old, lane)
        finally:
            await leases.release(db, old, timedelta())


async def keep(db: Connection, work: Work, *, finished: bool) -> None:
    """Save the lane; `finished`: its put is done."""
    await lanes.save(db, work.lane)
    await events.journal(db, work.lane)
    if finished:
        await rows.done(db, [work.row.seq])
