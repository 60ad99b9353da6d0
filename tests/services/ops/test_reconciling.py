"""`ledgerbridge reconcile`: how it is asked, how a kept report is checked, what a person sees."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from contracts.canonical import digest
from contracts.reconciliation import (
    Disagreement,
    Figures,
    ReconciledDifference,
    ReconciledRow,
    ReconciliationReport,
)
from contracts.values import EntityType
from services.ops.cli import app
from services.ops.reconciling import show


def run(*words: str, status: int) -> str:
    result = CliRunner().invoke(app, ["reconcile", *words])
    assert result.exit_code == status, result.output
    return result.output


def report(**more: Any) -> ReconciliationReport:
    row = ReconciledRow(
        month="2026-03", customer="c1", name="Harbour Joinery", type=EntityType.INVOICE,
        currency="GBP", equal=False,
        product=Figures(count=1, net=Decimal(1000), gross=Decimal(1200)),
        ledger=Figures(count=1, net=Decimal(1000), gross=Decimal("1200.01")),
    )  # fmt: skip
    difference = ReconciledDifference(
        type=EntityType.INVOICE, id="i1", number="INV-7", date="2026-03-02", blocks=True,
        cause="edited_there", sentence="It was changed in Harbour Ltd.",
        fields=(Disagreement(path="gross", product="1200.00", ledger="1200.01"),),
    )  # fmt: skip
    made = ReconciliationReport.model_validate(
        {
            "tenant": "t", "provider": "xero", "connection": "k", "number": 1, "command": "q",
            "at": datetime(2026, 4, 1, tzinfo=UTC), "company_name": "Harbour Ltd",
            "first": "2026-03", "last": "2026-03", "rows": (row,), "differences": (difference,),
            "ready": False, "blockers": ("1 invoice is edited there.",), "sha256": "0" * 64, **more,
        }
    )  # fmt: skip
    return made.model_copy(update={"sha256": digest(made.model_dump(mode="json"))})


@pytest.mark.parametrize("period", ["2026-13", "2026-3", "march", "2026-03..2026-02", "2026-03.."])
def test_a_period_that_is_none_is_a_wrong_use(period: str) -> None:
    run("--period", period, status=2)


def test_without_a_period_it_is_a_wrong_use_and_without_a_connector_there_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(status=2)
    monkeypatch.setenv("AUTH_URL", "http://127.0.0.1:1")
    run("--period", "2026-03", "--folder", str(tmp_path), status=3)


def test_a_report_is_verified_however_it_is_laid_out(tmp_path: Path) -> None:
    content, file = report().model_dump(mode="json"), tmp_path / "march.json"
    file.write_text(json.dumps(content, indent=4, sort_keys=True))
    assert "is unchanged" in run("--verify", str(file), status=0)
    changes: list[dict[str, Any]] = [{"ready": True}, {"number": 2}, {"differences": []}]
    for change in changes:
        file.write_text(json.dumps({**content, **change}))
        assert "HAS BEEN CHANGED" in run("--verify", str(file), status=1)
        assert not json.loads(run("--verify", str(file), "--json", status=1))["sound"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"sha256": 1.5}'])
def test_what_is_no_report_is_a_wrong_use(text: str, tmp_path: Path) -> None:
    file = tmp_path / "march.json"
    file.write_text(text)
    run("--verify", str(file), status=2)
    run("--verify", str(tmp_path / "none.json"), status=2)


def test_a_person_sees_who_differs_by_what_and_why(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    show(report())
    shown = capsys.readouterr().out
    for words in (
        "Harbour Ltd, 2026-03", "Harbour Joinery", "1,200.00", "1,200.01", "INV-7",
        "gross 1200.00 / 1200.01", "edited there", "It was changed", "1 invoice is edited there.",
    ):  # fmt: skip
        assert words in shown
    assert "Ready" not in shown
    show(report(rows=(), differences=(), ready=True, blockers=()))
    assert "Ready to close." in capsys.readouterr().out
