"""To the cent or held: what the ledger came to by our write, beside what the document says."""

from dataclasses import replace

from contracts.entities import Totals
from libs.connector.errors import Held
from libs.connector.lane import Facts, Lane


def noted(facts: Facts, ours: Totals | None, theirs: Totals | None) -> Facts:
    """The facts after a write of a document: `off` where the ledger's totals are not ours.

    Checks before a call foresee most; what a ledger makes of it by itself is only seen afterwards.
    """
    known = ours is not None and theirs is not None
    return replace(facts, off=ours if known and ours != theirs else None)


def settled(facts: Facts, ours: Totals | None) -> Facts:
    """The facts after a put that asks for no write: it may be what the ledger had made of it."""
    return noted(facts, ours, facts.totals) if facts.off else facts


def still(facts: Facts, now: Totals | None) -> Totals | None:
    """What is still off when the ledger is read again and shows `now`."""
    return None if facts.off == now else facts.off


def fault(lane: Lane) -> Held | None:
    """Why the lane is held, with both totals; None where they agree."""
    ours, theirs = lane.facts.off, lane.facts.totals
    if ours is None or theirs is None or lane.state != "bound":
        return None
    return Held(
        f"{lane.type} {lane.id} comes to {ours.net} + {ours.tax} = {ours.gross} here; the ledger "
        f"took it and made it {theirs.net} + {theirs.tax} = {theirs.gross}.",
        reason="totals",
        action="Correct it in the ledger, or in the product; or void it in the product.",
    )
