"""The reader that knows what must be there agrees with the importer, on the sample day."""

from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.entities import Contact, Document, Item
from contracts.messages import EntityPut
from services.ops.importers.files import Wanted, messages
from tests.real.__main__ import commands
from tests.real.data import Data, read
from tests.real.ledgers import LEDGERS

SAMPLE = "online-retail-2010-12-01.csv.gz"


def sample(documents: int | None = None) -> tuple[Data, list[EntityPut]]:
    with as_file(files("services.ops.sample") / SAMPLE) as path:
        found = list(messages(path, Wanted("t", datetime.now(UTC))))
        return read(path, documents), [one for one in found if isinstance(one, EntityPut)]


def test_it_reads_the_documents_as_the_importer_does() -> None:
    data, puts = sample()
    names = {put.entity.id: put.entity.name for put in puts if isinstance(put.entity, Contact)}
    seen = {}
    for put in puts:
        if isinstance(one := put.entity, Document):
            totals, who = one.totals, names[getattr(one, "customer", "")]
            day, lines = one.issue_date.isoformat(), len(one.lines)
            seen[one.id] = (one.type, who, day, lines, totals.net, totals.tax, totals.gross)
    wanted = {
        number: (one.kind, one.who, one.day, one.lines, one.net, one.tax, one.gross)
        for number, one in data.documents.items()
    }
    assert len(wanted) == 143
    assert wanted == seen
    assert {p.entity.id for p in puts if isinstance(p.entity, Item)} == data.items
    assert {c or "cash-sales" for c in data.customers} == names.keys()


def test_some_are_spread_over_the_file_with_what_is_odd() -> None:
    whole, _ = sample()
    some, _ = sample(20)
    assert len(some.documents) == 20
    assert some.counts["lines of the longest"] == whole.counts["lines of the longest"]


@pytest.mark.parametrize("provider", LEDGERS)
def test_a_missing_file_is_said_with_its_source(provider: str) -> None:
    missing = str(Path("nowhere.csv.gz"))
    answer = CliRunner().invoke(
        commands, ["--data", missing, "--only", provider], env={"COLUMNS": "200"}
    )
    assert answer.exit_code == 2
    assert "archive.ics.uci.edu" in answer.output
