"""What acts of several topics need: a record by its fields, the balance of an account."""

from decimal import Decimal

from tests.flows.world import Json, World
from tests.matrix.seen import ZERO, amount


async def record_of(world: World, resource: str, **wanted: str) -> Json:
    """The one record with these fields."""
    found = (await world.documents())[resource]
    [one] = [r for r in found if all(r.get(name) == value for name, value in wanted.items())]
    return one


async def balance_of(world: World, account: str) -> Decimal:
    """An account's debits less its credits."""
    url = f"{world.control}/companies/{world.company}/trial-balance"
    trial = (await world.http.get(url)).json()
    found = [a for a in trial["accounts"] if a["name"] == account]
    return sum((amount(a["debit"]) - amount(a["credit"]) for a in found), ZERO)
