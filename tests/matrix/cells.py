"""Cells: which row a test stands for, and what became of it."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from contracts.features import Feature

PROVIDERS = ("xero", "quickbooks_online", "myob")
REPORT = Path(__file__).parents[1] / "reports" / "matrix.json"
Cells = dict[str, dict[str, dict[str, str]]]


def row(
    feature: Feature, *, not_offered: Mapping[str, str] | None = None
) -> Callable[[Any], pytest.MarkDecorator]:
    """The test is a row's, once for every provider.

    `not_offered`: provider -> the dossier's line that says so; the test then shows the event that
    the user gets instead.
    """
    mark: Callable[[Any], pytest.MarkDecorator] = pytest.mark.row(
        feature=feature, not_offered=dict(not_offered or {})
    )
    return mark


class Report:
    """Collects the cells' results in the process that prints the summary."""

    def __init__(self) -> None:
        self.cells: Cells = defaultdict(lambda: defaultdict(dict))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        cell = dict(report.user_properties).get("cell")
        if not isinstance(cell, dict):
            return
        if report.when == "call" or report.outcome != "passed":
            self._note(cell, report)

    def _note(self, cell: Mapping[str, str], report: pytest.TestReport) -> None:
        known = self.cells[cell["row"]][cell["provider"]]
        reason = cell["reason"]
        result = "not offered" if reason else "pass"
        if report.outcome != "passed":
            result, reason = "fail", str(report.longrepr).splitlines()[-1][:300]
        if known.get("result") != "fail":
            self.cells[cell["row"]][cell["provider"]] = {
                "result": result,
                "test": report.nodeid,
                "reason": reason,
            }

    def pytest_sessionfinish(self) -> None:
        if self.cells:
            REPORT.parent.mkdir(exist_ok=True)
            ordered = dict(sorted(self.cells.items(), key=lambda item: int(item[0])))
            REPORT.write_text(json.dumps(ordered, indent=2, ensure_ascii=False) + "\n")
