"""Every cause has its case: what the kernel knows of a document decides which it is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from contracts.entities import Totals
from contracts.messages import Scope
from contracts.values import EntityType
from libs.connector import gate
from libs.connector.connections import Account
from libs.connector.interface import Record
from libs.connector.lane import Facts
from libs.connector.policy import Policy
from libs.connector.reconciliation.compare import Entry, compare
from libs.connector.reconciliation.judging import Judge, Verdict
from libs.connector.reconciliation.published import Said
from libs.connector.reconciliation.standing import Standing

OPENED = datetime(2026, 3, 1, tzinfo=UTC)
LATER = OPENED + timedelta(days=9)
HUNDRED, CENT = Decimal(100), Decimal("0.01")
OURS = Entry(
    EntityType.INVOICE, "i1", "2026-03-02", "c1", "GBP", HUNDRED, HUNDRED, Decimal(0),
    Decimal(0), HUNDRED, lines=2,
)  # fmt: skip
KEY = OURS.key
TOTALS = Totals(net=HUNDRED, tax=Decimal(0), gross=HUNDRED)
RECORD = Record(
    EntityType.INVOICE, "x1", {}, updated_at=LATER, totals=TOTALS, balance=HUNDRED, version="1"
)
SEEN = Facts(HUNDRED, "", TOTALS, LATER.isoformat())
SAID = Said(KEY, 3, OURS, place=(0, 7))
STANDING = Standing("bound", revision=3, version="1", facts=SEEN)
OLD = gate.Skip("before-connection", "It was made before.")
PAYMENT = Entry(
    EntityType.PAYMENT, "y1", "2026-03-05", "c1", "GBP", HUNDRED, paid=HUNDRED, balance=Decimal(0),
    settles=(KEY,),
)  # fmt: skip


def account(**policy: Any) -> Account:
    facts = ("k1", "t", "x", "Harbour Ltd", "open", OPENED, Scope(), Policy(**policy), None)
    return Account(*facts)


def judge(
    standing: Standing | None = STANDING,
    said: Said | None = SAID,
    record: Record | None = RECORD,
    **more: Any,
) -> Judge:
    chosen: dict[str, Any] = {"account": account(), **more}
    return Judge(
        provider="Xero",
        opened_at=OPENED,
        said={KEY: said} if said else {},
        standings={KEY: standing} if standing else {},
        records={KEY: record} if record else {},
        committed=chosen.pop("committed", {0: 8}),
        **chosen,
    )


def verdict(made: Judge, ours: Entry | None = OURS, theirs: Entry | None = None) -> Verdict:
    gaps = compare([ours] if ours else [], [theirs] if theirs else [])
    [found] = made.verdicts(gaps)
    return found


DEARER = replace(OURS, net=HUNDRED + CENT, gross=HUNDRED + CENT, balance=HUNDRED + CENT)
MOVED = replace(RECORD, updated_at=LATER + timedelta(seconds=1))
GONE = replace(RECORD, state="deleted")
VOID = replace(RECORD, state="void")


@pytest.mark.parametrize(
    ("made", "ours", "theirs", "cause"),
    [
        (judge(None), OURS, None, "missing_there"),
        (judge(None, committed={0: 7}), OURS, None, "in_flight"),
        (judge(None, committed={}), OURS, None, "in_flight"),
        (judge(replace(STANDING, revision=2)), OURS, DEARER, "missing_there"),
        (judge(None, replace(SAID, turned=OLD)), OURS, None, "before_connection"),
        (judge(Standing(revision=3, skipped=True), replace(SAID, turned=OLD)), OURS, None,
            "before_connection"),
        (judge(Standing(revision=3, skipped=True),
            replace(SAID, turned=gate.Skip("draft", "A draft."))), OURS, None, "policy"),
        (judge(replace(STANDING, dead=True)), OURS, None, "rejected"),
        (judge(replace(STANDING, hold="unmapped", busy=True)), OURS, DEARER, "held"),
        (judge(replace(STANDING, busy=True)), OURS, None, "in_flight"),
        (judge(), OURS, None, "missing_there"),
        (judge(record=GONE), OURS, None, "missing_there"),
        (judge(record=VOID), OURS, None, "edited_there"),
        (judge(record=MOVED), OURS, DEARER, "edited_there"),
        (judge(replace(STANDING, hinted=True)), OURS, DEARER, "edited_there"),
        (judge(replace(STANDING, owed=True)), OURS, DEARER, "edited_there"),
        (judge(record=MOVED, account=account(directions={"invoice": "push"})), OURS, DEARER,
            "policy"),
        (judge(), OURS, DEARER, "rounding"),
        (judge(), OURS, replace(DEARER, gross=HUNDRED + 3 * CENT), "unexplained"),
        (judge(), OURS, replace(OURS, customer="c2"), "unexplained"),
        (judge(), None, OURS, "other_scope"),
        (judge(said=replace(SAID, entry=None)), None, OURS, "edited_there"),
        (judge(None, None), None, OURS, "missing_here"),
        (judge(STANDING, None), None, OURS, "missing_here"),
        (judge(Standing(hold="unmapped"), None), None, OURS, "held"),
        (judge(Standing(skipped=True), None), None, OURS, "policy"),
        (judge(None, None, replace(RECORD, updated_at=OPENED - timedelta(days=1))), None, OURS,
            "before_connection"),
    ],
)  # fmt: skip
def test_causes(made: Judge, ours: Entry | None, theirs: Entry | None, cause: str) -> None:
    found = verdict(made, ours, theirs)
    assert found.cause == cause
    assert found.sentence
    assert found.blocks == (cause not in ("before_connection", "other_scope", "policy"))


def test_a_cent_is_an_edit_where_the_record_has_moved_and_rounding_where_not() -> None:
    assert verdict(judge(), OURS, DEARER).cause == "rounding"
    assert verdict(judge(record=replace(RECORD, version="2")), OURS, DEARER).cause == "edited_there"


def test_a_balance_follows_from_the_payment_that_differs() -> None:
    paid = replace(OURS, paid=HUNDRED, balance=Decimal(0))
    gaps = compare([OURS], [paid, PAYMENT])
    found = dict(zip((g.one.key for g in gaps), judge().verdicts(gaps), strict=True))
    assert found[PAYMENT.key].cause == found[KEY].cause == "missing_here"
    assert found[KEY].follows == (PAYMENT.key,)
    assert found[PAYMENT.key].follows == ()


def test_a_payment_of_a_document_of_before_is_of_before_too() -> None:
    said = {
        KEY: replace(SAID, turned=OLD),
        PAYMENT.key: Said(PAYMENT.key, 1, PAYMENT, ((KEY, HUNDRED),), place=(0, 8)),
    }
    waiting = Standing(revision=1, hold="waits", sentence="It waits for invoice i1.")
    made = replace(judge(), said=said, standings={PAYMENT.key: waiting}, records={})
    found = verdict(made, PAYMENT)
    assert (found.cause, found.follows) == ("before_connection", (KEY,))
    made = replace(made, said={**said, KEY: SAID})
    assert verdict(made, PAYMENT).cause == "held"


def test_what_is_held_says_the_lanes_own_sentence_and_action() -> None:
    held = replace(STANDING, hold="unmapped", sentence="No account.", action="ledgerbridge map …")
    found = verdict(judge(held), OURS)
    assert (found.sentence, found.action) == ("No account.", "ledgerbridge map …")
