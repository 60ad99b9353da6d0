"""Conflicts of a put with the ledger, and whose value stands."""

from __future__ import annotations

from dataclasses import replace

from libs.connector.agreed import Agreed, Conflicts, Policy, Put, Side
from libs.connector.threeway import clashes, touched


def disputes(agreed: Agreed, put: Put, *, gone: bool) -> Conflicts:
    """The put's conflicts; any edit of a record deleted there is one: it is not created anew."""
    if gone and put.state and touched(agreed.ours, put.state):
        return {"": (put.state, {})}
    return clashes(agreed.ours, put.state, agreed.owed)


def decide(agreed: Agreed, conflicts: Conflicts, policy: Policy) -> Side | None:
    """Whose value stands; None: a person is to be asked.

    A decision holds only for the values it was asked about: either may have moved since.
    """
    if not conflicts:
        return "product"
    if policy != "ask":
        return policy
    asked = agreed.held is not None and agreed.held.conflicts == conflicts
    return agreed.decision if asked else None


def on_decision(agreed: Agreed, number: int, winner: Side) -> Agreed:
    """A person answers the question of that number; an answer to an older question is none."""
    if agreed.held is None or agreed.held.number != number:
        return agreed
    return replace(agreed, decision=winner)
