"""The lists are exchanged whole: not before all that the log says of them is filed."""

import uuid
from typing import Any, cast

import pytest

from contracts.messages import ExchangeLists
from libs.connector import commands, reread
from libs.service.database import Connection
from libs.testing.builders import contact
from tests.libs.connector.filed import claim, file, put


def order() -> ExchangeLists:
    named = {"id": uuid.uuid4().hex, "tenant": "t1", "connection": "x1", "types": ("contact",)}
    return ExchangeLists.model_validate(named)


async def test_while_the_log_is_read_again_the_command_comes_again(db: Connection) -> None:
    await file(db, put(contact("c1")))
    await db.execute("update lane set due_at = null")
    await reread.ask(db, "x1")
    with pytest.raises(commands.Busy):
        await commands.obey(cast(Any, None), db, order())
    assert await claim(db) == []
    await db.execute("delete from reread")
    await commands.obey(cast(Any, None), db, order())
    assert [lane.id for lane in await claim(db)] == ["c1"]
