"""A company is read again sooner while something waits for what may have been mended there."""

from types import SimpleNamespace
from typing import Any

import pytest

from libs.connector import company
from libs.connector.connections import Account
from libs.connector.errors import Unavailable
from libs.service.database import Connection, Pool
from tests.libs.connector.filed import file, put


async def unreachable(account: Account) -> Any:
    raise Unavailable(f"{account.company_name} does not answer.")


@pytest.mark.parametrize(
    ("hold", "since", "due"),
    [
        ("period-locked", "2 hours", 1),
        ("period-locked", "30 minutes", 0),
        ("paid", "2 hours", 0),
        ("", "2 hours", 0),
        ("", "25 hours", 1),
    ],
)
async def test_a_lock_date_is_read_again_within_the_hour(
    db: Connection, pool: Pool, hold: str, since: str, due: int
) -> None:
    await file(db, put())
    await db.execute("update lane set hold = $1", hold)
    await db.execute(f"update connection set described_at = now() - interval '{since}'")
    kernel: Any = SimpleNamespace(pool=pool, sessions=SimpleNamespace(session=unreachable))
    assert await company.describe_due(kernel) == due
