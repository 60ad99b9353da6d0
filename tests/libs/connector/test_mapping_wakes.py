"""A mapping that is set wakes what may have waited for it, and nothing else."""

from typing import cast

import pytest

from contracts.messages import SetMapping
from libs.connector.commands import obey
from libs.connector.kernel import Kernel
from libs.service.database import Connection
from tests.libs.connector.filed import file, open_connection, put

NOTHING = cast("Kernel", None)
"""The command needs none of it."""
MAPPED = SetMapping(
    id="m1", tenant="t1", connection="x1", kind="tax_code", local="20 %", external="OUTPUT2"
)


@pytest.mark.parametrize(
    ("reason", "woken"), [("unmapped", True), ("rounding", True), ("period-locked", False)]
)
async def test_what_is_held_goes_on(db: Connection, reason: str, woken: bool) -> None:
    await open_connection(db)
    await file(db, put())
    await db.execute("update lane set hold = $1, due_at = null", reason)
    await obey(NOTHING, db, MAPPED)
    row = await db.fetchrow("select hold, due_at is not null as due from lane")
    assert row is not None
    assert (row["hold"], row["due"]) == ("" if woken else reason, woken)
