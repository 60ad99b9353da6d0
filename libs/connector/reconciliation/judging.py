"""Why a document differs: one cause each, in words a bookkeeper can act on. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from contracts.reconciliation import Cause
from libs.connector import gate
from libs.connector.connections import Account
from libs.connector.interface import Record
from libs.connector.money import CENT
from libs.connector.reconciliation.compare import AMOUNTS, Entry, Gap
from libs.connector.reconciliation.published import Said
from libs.connector.reconciliation.standing import Standing

EXPLAINED = frozenset({"before_connection", "other_scope", "policy"})
"""Causes that somebody has chosen: they do not keep a period from being closed."""
LANELESS = Standing()
TURNED: Mapping[str, Cause] = {
    "before-connection": "before_connection",
    "other-connection": "other_scope",
    "draft": "policy",
    "not-sent": "policy",
    "not-taken": "policy",
    "not-imported": "policy",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The cause of one difference; `follows`: the differences it comes of, as `type/id`."""

    cause: Cause
    sentence: str
    action: str = ""
    follows: tuple[str, ...] = ()

    @property
    def blocks(self) -> bool:
        return self.cause not in EXPLAINED


@dataclass(frozen=True, slots=True)
class Judge:
    """What is known besides the two sides. `committed`: partition -> offset filed up to there."""

    account: Account
    provider: str
    opened_at: datetime
    said: Mapping[str, Said]
    standings: Mapping[str, Standing]
    records: Mapping[str, Record]
    committed: Mapping[int, int] = field(default_factory=dict)
    hold: str = ""
    """Why the whole connection waits, "" where it does not."""

    def verdicts(self, gaps: list[Gap]) -> list[Verdict]:
        """One for each gap; what only follows from others takes their cause."""
        own = [self._own(gap) for gap in gaps]
        found = {gap.one.key: verdict for gap, verdict in zip(gaps, own, strict=True)}
        settling: dict[str, list[Gap]] = {}
        for gap in gaps:
            for key in {key for entry in gap.entries for key in entry.settles}:
                settling.setdefault(key, []).append(gap)
        return [
            _following(gap, verdict, settling.get(gap.one.key, ()), found)
            for gap, verdict in zip(gaps, own, strict=True)
        ]

    def _own(self, gap: Gap) -> Verdict:
        standing = self.standings.get(gap.one.key, LANELESS)
        said = self.said.get(gap.one.key)
        if said is None:
            return self._theirs_alone(gap, standing)
        return (
            self._not_filed(said, standing)
            or self._stopped(said, standing)
            or self._under_way(standing)
            or self._there(gap, said, standing)
        )

    def _not_filed(self, said: Said, standing: Standing) -> Verdict | None:
        if standing.revision >= said.revision:
            return None
        if said.turned and standing.state == "absent":
            return self._turned(said)
        partition, offset = said.place or (0, 0)
        if said.place and self.committed.get(partition, 0) <= offset:
            return Verdict("in_flight", "The product has published it; it is read next.")
        when = datetime.fromtimestamp(said.at / 1000, UTC).isoformat(timespec="seconds")
        return Verdict(
            "missing_there",
            f"Revision {said.revision}, published {when}, never reached the connection: "
            "the event was lost on its way.",
            f"ledgerbridge replay --from {when} --tenant {self.account.tenant} brings it; "
            "or save it in the product once more.",
        )

    def _turned(self, said: Said) -> Verdict:
        assert said.turned is not None
        if isinstance(said.turned, gate.Ask):
            return Verdict("held", said.turned.sentence, said.turned.action)
        return Verdict(TURNED.get(said.turned.reason, "policy"), said.turned.sentence)

    def _stopped(self, said: Said, standing: Standing) -> Verdict | None:
        if standing.dead:
            return _said_so("rejected", standing)
        if standing.hold == "waits" and (old := self._of_before(said)):
            return Verdict("before_connection", standing.sentence, standing.action, old)
        if standing.hold:
            return _said_so("held", standing)
        if not standing.skipped:
            return None
        if said.turned:
            return self._turned(said)
        return Verdict("policy", standing.sentence or "It is not for this connection.")

    def _of_before(self, said: Said) -> tuple[str, ...]:
        """What it settles, where all of that was made before the connection."""
        keys = [key for key, _ in said.shares]
        turned = [self.said[key].turned for key in keys if key in self.said]
        old = [t for t in turned if isinstance(t, gate.Skip) and t.reason == "before-connection"]
        return tuple(keys) if keys and len(old) == len(keys) else ()

    def _under_way(self, standing: Standing) -> Verdict | None:
        if not standing.busy:
            return None
        waits = f" The connection waits: {self.hold}." if self.hold else ""
        return Verdict("in_flight", f"It is on its way to {self._company}.{waits}")

    def _there(self, gap: Gap, said: Said, standing: Standing) -> Verdict:
        """Nothing of ours is under way: so it was done there, or it is a matter of cents."""
        if said.entry is None:
            return self._edited(gap, standing, "The product has ended it, and it lives")
        if gap.theirs is None:
            return self._ended_there(gap, standing)
        if gap.ours is None:
            return Verdict("other_scope", "Another connection of the tenant takes it now.")
        record = self.records.get(gap.one.key)
        if standing.hinted or standing.owed or (record and standing.has_moved(record)):
            return self._edited(gap, standing, "It was changed")
        if _is_rounding(gap):
            return Verdict("rounding", "The two sides round differently, by a cent a line at most.")
        return Verdict(
            "unexplained", "It differs, and no edit of it is known.", self._look_at(gap.one)
        )

    def _edited(self, gap: Gap, standing: Standing, what: str) -> Verdict:
        where = f"{what} in {self._company}"
        if not self.account.policy.takes(gap.one.type):
            name = gap.one.type.replace("_", " ")
            return Verdict("policy", f"{where}; a {name} does not come back from there.")
        told = "the product was told and has not taken it in yet"
        unseen = "the product has not been told yet"
        return Verdict(
            "edited_there",
            f"{where}; {told if standing.owed else unseen}.",
            self._sync_now() if not standing.owed else "",
        )

    def _ended_there(self, gap: Gap, standing: Standing) -> Verdict:
        record = self.records.get(gap.one.key)
        if record and record.state == "void" and gap.one.net is not None:
            return self._edited(gap, standing, "It was voided")
        if standing.state == "absent":
            sentence = f"It has no record in {self._company}, and nothing is under way."
            return Verdict("missing_there", sentence, self._sync_now(gap.one))
        deleted = f"It was deleted in {self._company}; the product still has it."
        return Verdict("missing_there", deleted, self._sync_now())

    def _theirs_alone(self, gap: Gap, standing: Standing) -> Verdict:
        if standing.dead or (standing.hold and not standing.skipped):
            return _said_so("rejected" if standing.dead else "held", standing)
        if standing.skipped:
            return Verdict("policy", standing.sentence or f"It is left in {self._company}.")
        if self.is_old(gap.one.key):
            return Verdict("before_connection", f"{self._company} had it before the connection.")
        if standing.state == "absent":
            sentence = f"It was made in {self._company}; the product has not been told yet."
            return Verdict("missing_here", sentence, self._sync_now())
        return Verdict(
            "missing_here",
            f"It was made in {self._company}; the product was told and has not published it.",
            "Look whether the product reads accounting.events.v1.",
        )

    def is_old(self, key: str) -> bool:
        """Whether the ledger had it before the connection, and it is bound to nothing."""
        record = self.records.get(key)
        unbound = self.standings.get(key, LANELESS).state == "absent"
        seen = record.updated_at if record else None
        return unbound and seen is not None and seen < self.opened_at

    def _look_at(self, entry: Entry) -> str:
        return f"ledgerbridge check {entry.type} {entry.id} {self._where}"

    def _sync_now(self, entry: Entry | None = None) -> str:
        one = f"--type {entry.type} --id {entry.id} " if entry else ""
        return f"ledgerbridge sync-now {one}{self._where}"

    @property
    def _where(self) -> str:
        return f"--tenant {self.account.tenant} --connection {self.account.id}"

    @property
    def _company(self) -> str:
        return self.account.company_name or self.provider


def _following(
    gap: Gap, own: Verdict, settling: Sequence[Gap], found: Mapping[str, Verdict]
) -> Verdict:
    """Of a document whose balance alone differs, the cause is that of what settles it."""
    stuck = own.cause in ("held", "rejected", "in_flight")
    if stuck or not gap.paths or gap.paths - {"paid", "balance"} or gap.one.net is None:
        return own
    differing = [g for g in settling if not g.fields or g.paths - {"date", "customer"}]
    sources = sorted({one.one.key for one in differing})
    if not sources:
        return own
    named = ", ".join(key.replace("/", " ").replace("_", " ") for key in sources)
    first = max((found[key] for key in sources), key=lambda verdict: verdict.blocks)
    sentence = f"It follows from {named}: {first.sentence}"
    return Verdict(first.cause, sentence, first.action, tuple(sources))


def _said_so(cause: Cause, standing: Standing) -> Verdict:
    """As the kernel has put it."""
    return Verdict(cause, standing.sentence or f"It is {standing.hold or cause}.", standing.action)


def _is_rounding(gap: Gap) -> bool:
    assert gap.ours
    assert gap.theirs
    if gap.paths - set(AMOUNTS):
        return False
    most = CENT * max(gap.ours.lines, 1)
    pairs = [(getattr(gap.ours, name), getattr(gap.theirs, name)) for name in AMOUNTS]
    apart = [abs(a - b) for a, b in pairs if a is not None and b is not None]
    return max(apart, default=Decimal(0)) <= most
