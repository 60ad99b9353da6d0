"""Settlements: what applies a credit to invoices, be it a credit note or what a payment left.

None can be changed (dossier section 6): it is deleted and made anew.
"""

from collections.abc import Mapping
from decimal import Decimal

from contracts.entities import CreditNote, Payment
from libs.connector.interface import Context, Write
from services.connectors.myob.mapping import sales
from services.connectors.myob.mapping.wire import place_of, sides
from services.connectors.myob.wanted import REMOVALS

Shares = dict[str, Decimal]


def amounts(entity: CreditNote | Payment) -> Shares:
    """What it applies, by our id of the document."""
    return {share.document: share.amount for share in entity.allocations}


def superfluous(write: Write, wanted: Mapping[str, Decimal], context: Context) -> str | None:
    """The settlement to delete first: one that applies more than is `wanted`; of several the one
    whose end leaves exactly that. What is to be removed wants none."""
    applied = sales.settled(write.raw, context)
    wanted = {} if write.verb in REMOVALS else wanted
    surplus = {local for local in applied if applied[local] > wanted.get(local, 0)}
    found = {
        one: sales.amounts_of(settlement, context)
        for one, settlement in sides(write.raw).items()
        if place_of(one) == sales.SETTLEMENT
    }
    exact = (one for one in found if surplus and less(applied, found[one]) == wanted)
    first = (one for one in found if surplus & set(found[one]))
    return next(exact, None) or next(first, None)


def unapplied(write: Write, note: CreditNote, context: Context) -> Shares:
    """What of a credit note is still to be applied."""
    return less(amounts(note), sales.settled(write.raw, context))


def without(shares: Mapping[str, Decimal], write: Write, one: str, context: Context) -> Shares:
    """What is applied once that settlement is gone."""
    return less(shares, sales.amounts_of(sides(write.raw)[one], context))


def less(a: Mapping[str, Decimal], b: Mapping[str, Decimal]) -> Shares:
    """What is left of the first, without what is nothing."""
    left = {local: a[local] - b.get(local, Decimal(0)) for local in a}
    return {local: amount for local, amount in left.items() if amount}
