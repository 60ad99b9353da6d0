"""What the books come to, per type and currency: one side of a reconciliation."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from libs.service.database import Connection

SUMMARY = """
with kept as (
    select e.tenant, e.type, e.id, e.state ->> 'currency' as currency,
        coalesce(e.state ->> 'status' = 'void', false) as is_void,
        (e.state #>> '{totals,net}')::numeric as net,
        (e.state #>> '{totals,tax}')::numeric as tax,
        coalesce(e.state #>> '{totals,gross}', e.state ->> 'amount')::numeric as gross,
        e.type in ('invoice', 'bill', 'credit_note') as is_open_item
    from entity e
    where e.tenant = $1 and e.state is not null
        and ($2::text is null or exists (select from place p
            where (p.tenant, p.type, p.id) = (e.tenant, e.type, e.id) and p.connection = $2))
), used as (
    select type, id, sum(amount) as amount from allocation where tenant = $1 group by 1, 2
), given as (
    select by_type as type, by_id as id, sum(amount) as amount from allocation
    where tenant = $1 and by_type = 'credit_note' group by 1, 2
)
select k.type, case when k.gross is null then null else k.currency end as currency,
    count(*) filter (where not is_void) as count, count(*) filter (where is_void) as void,
    sum(net) filter (where not is_void) as net, sum(tax) filter (where not is_void) as tax,
    sum(gross) filter (where not is_void) as gross,
    sum(gross - coalesce(used.amount, 0) - coalesce(given.amount, 0))
        filter (where is_open_item and not is_void) as balance
from kept k
left join used on (used.type, used.id) = (k.type, k.id)
left join given on (given.type, given.id) = (k.type, k.id)
group by 1, 2 order by 1, 2
"""


@dataclass(frozen=True, slots=True)
class Sums:
    """Of one type and currency; void ones count apart. `balance` is what is still open."""

    type: str
    currency: str | None
    count: int
    void: int
    net: Decimal | None
    tax: Decimal | None
    gross: Decimal | None
    balance: Decimal | None


async def summary(db: "Connection", tenant: str, connection: str | None = None) -> list[Sums]:
    """All of a tenant's books, or what of them a connection knows."""
    rows = await db.fetch(SUMMARY, tenant, connection)
    return [Sums(**dict(row)) for row in rows]
