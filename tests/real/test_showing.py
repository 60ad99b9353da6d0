"""What a run came to can be told, to people and to machines."""

import json
from collections import Counter

import pytest

from tests.real.running import Run
from tests.real.showing import show, shown_json


def run() -> Run:
    made = Run("xero", failing=True, documents=50, lines=900, seconds=25.0)
    made.calls, made.faults = Counter(reads=3, writes=7), Counter({"lose-answer": 2})
    made.memory = {"most": 120.5} | {f"quarter {n}": 100.0 + n for n in range(1, 5)}
    made.verdict.expect("nothing is dead", ["invoice 7"])
    made.verdict.equal("debits are credits", 1, 1)
    return made


def test_machines_are_told_all_of_it() -> None:
    [told] = json.loads(shown_json([run()]))["runs"]
    assert told["calls"] == {"reads": 3, "writes": 7}
    assert told["faults"] == {"lose-answer": 2}
    assert told["documents_a_second"] == 2.0
    assert told["verdict"]["failed"] == {"nothing is dead": "invoice 7"}
    assert len(told["verdict"]["tried"]) == 2


def test_people_are_told_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    show(run())
    assert "FAILED nothing is dead: invoice 7" in capsys.readouterr().out
