"""Every row of dossier section 10, in all forms a fault comes in."""

import json
from typing import Any

import pytest

from contracts.provider import provider
from contracts.values import EntityType
from libs.connector.errors import (
    Conflict,
    Disconnected,
    Held,
    RateLimited,
    Rejected,
    SyncError,
    Unavailable,
    Uncertain,
)
from libs.connector.interface import Answer, Record, Verb, Write
from libs.testing import builders
from services.connectors.quickbooks_online import refusals
from services.connectors.quickbooks_online.errors import Missing
from tests.services.connectors.quickbooks_online import around
from tests.services.connectors.quickbooks_online.around import QBO

CONTEXT = around.context()
INVOICE = around.create(around.invoice())
UPDATE = around.update(around.invoice(), "job")
INACTIVE = (
    "Object Not Found : Something you're trying to use has been made inactive. Check the fields "
    "with accounts, customers, items, vendors or employees."
)
STALE = (
    "Stale Object Error : You and another user were working on this at the same time. Your work "
    "was not saved."
)
CLOSED = "Account Period Closed, Cannot Update Services Provided."
NUMBER = (
    "Duplicate Document Number Error : You must specify a different number. This number has "
    "already been used."
)


def body(code: str, detail: str = "", message: str = "Said") -> bytes:
    error = {"Message": message, "Detail": detail, "code": code, "element": ""}
    return json.dumps({"Fault": {"Error": [error], "type": "ValidationFault"}}).encode()


def lower(code: str, message: str) -> bytes:
    error = {"message": message, "detail": "d", "code": code, "element": None}
    return json.dumps({"warnings": None, "fault": {"error": [error], "type": "X"}}).encode()


def xml(code: str, message: str, detail: str) -> bytes:
    return (
        '<?xml version="1.0"?><IntuitResponse xmlns="http://schema.intuit.com/finance/v3">'
        f'<Fault type="AuthenticationFault"><Error code="{code}"><Message>{message}</Message>'
        f"<Detail>{detail}</Detail></Error></Fault></IntuitResponse>"
    ).encode()


def answer(said: bytes, status: int = 400, **headers: str) -> Answer:
    return Answer(status, headers, said)


def refused(said: Answer, write: Write = INVOICE) -> object:
    """What becomes of one write: first its status is judged, then its body."""
    if said.status != 200 and (verdict := QBO.judge(said)):
        return verdict
    try:
        return QBO.results([write], said, CONTEXT)[0]
    except SyncError as error:
        return error


ROWS: tuple[tuple[str, Answer, type[SyncError], str], ...] = (
    ("140", answer(body("140")), Unavailable, "locked"),
    ("150", answer(body("150")), Unavailable, "maintenance"),
    ("500", answer(body("500")), Rejected, "unsupported"),
    ("600", answer(body("600")), Uncertain, "uncertain"),
    ("610 inactive", answer(body("610", INACTIVE)), Held, "inactive"),
    ("620", answer(body("620")), Held, "cannot-link"),
    ("1040", answer(body("1040")), Rejected, "too-large"),
    ("2020", answer(body("2020")), Rejected, "incomplete"),
    ("2030", answer(body("2030")), Rejected, "bad-id"),
    ("2050", answer(body("2050")), Rejected, "too-long"),
    ("2170", answer(body("2170")), Rejected, "bad-value"),
    ("2210", answer(body("2210")), Rejected, "bad-email"),
    ("2500", answer(body("2500")), Held, "bad-reference"),
    ("4000", answer(body("4000")), Rejected, "bad-query"),
    ("4001", answer(body("4001")), Rejected, "bad-query"),
    ("4002", answer(body("4002")), Rejected, "bad-query"),
    ("5010", answer(body("5010", STALE)), Conflict, "stale"),
    ("5010 closed", answer(body("5010", CLOSED)), Held, "period-locked"),
    ("5020", answer(body("5020")), Held, "not-in-plan"),
    ("6000", answer(body("6000")), Held, "refused"),
    ("6070", answer(body("6070")), Rejected, "rounding"),
    ("6080", answer(body("6080")), Rejected, "no-name"),
    ("6100", answer(body("6100")), Held, "tax-code"),
    ("6140", answer(body("6140", NUMBER)), Held, "number-taken"),
    ("6180", answer(body("6180")), Held, "too-deep"),
    ("6190", answer(body("6190")), Disconnected, "subscription-ended"),
    ("6200", answer(body("6200")), Held, "period-locked"),
    ("6210", answer(body("6210")), Held, "period-locked"),
    ("6210 number", answer(body("6210", NUMBER)), Held, "number-taken"),
    ("6240", answer(body("6240")), Held, "name-taken"),
    ("6430", answer(body("6430")), Held, "account"),
    ("6440", answer(body("6440")), Held, "incomplete"),
    ("6450", answer(body("6450")), Held, "cannot-void"),
    ("6480", answer(body("6480")), Held, "matched"),
    ("6540", answer(body("6540")), Held, "deposited"),
    ("800", answer(body("800")), Held, "linked"),
    ("10000", answer(body("10000")), Uncertain, "uncertain"),
    ("10200", answer(body("10200")), Disconnected, "company-reset"),
    ("120", answer(body("120"), 401), Disconnected, "no-access"),
    ("130", answer(xml("130", "Wrong", "WrongClusterError"), 401), Disconnected, "configuration"),
    (
        "3100",
        answer(lower("3100", "message=ApplicationAuthorizationFailed; errorCode=003100"), 403),
        Disconnected,
        "configuration",
    ),
    (
        "3001 as 403",
        answer(xml("3001", "message=ThrottleExceeded; errorCode=003001", "Try later"), 403),
        RateLimited,
        "rate-limited",
    ),
    ("3001 as 429", answer(body("3001"), 429), RateLimited, "rate-limited"),
    ("a code nobody foresaw", answer(body("7777")), Rejected, "refused"),
    ("no body", answer(b"", 400), Rejected, "refused"),
    ("6240 with 200", answer(body("6240"), 200), Held, "name-taken"),
    ("3200 with 200", answer(lower("3200", "x"), 200), Disconnected, "disconnected"),
    ("3001 with 200", answer(body("3001"), 200), RateLimited, "rate-limited"),
)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_row_of_section_10(row: tuple[str, Answer, type[SyncError], str]) -> None:
    _, said, error, reason = row
    found = refused(said)
    assert isinstance(found, SyncError)
    assert (type(found), found.reason) == (error, reason)
    assert found.sentence
    if isinstance(found, Held | Rejected | Disconnected):
        assert found.action


def test_every_code_of_the_table_has_a_row() -> None:
    tested = {row[0].split(" ")[0] for row in ROWS}
    assert {*refusals.REFUSALS, *refusals.OUTSIDE} - {"6030"} <= tested


@pytest.mark.parametrize("code", ["3200", "100", "110"])
@pytest.mark.parametrize("form", [lower, lambda c, m: xml(c, m, "SRV-110")])
def test_a_dead_token_is_left_to_the_status(code: str, form: Any) -> None:
    """401: the kernel refreshes once, then asks for a reconnect."""
    assert QBO.judge(answer(form(code, "AuthenticationFailed"), 401)) is None


def test_an_outage_is_left_to_the_status() -> None:
    assert QBO.judge(answer(b"<html>Bad gateway</html>", 502)) is None
    assert QBO.judge(answer(body("10000"), 500)) is None


def test_an_object_that_is_not_there() -> None:
    said = answer(body("610", "Object Not Found : "))
    assert isinstance(QBO.judge(said), Missing)
    removal = around.update(around.invoice(), verb=Verb.VOID)
    item = {"BatchItemResponse": [{"bId": "1", **json.loads(said.body)}, good("2")]}
    gone, _ = QBO.results([removal, removal], answer(json.dumps(item).encode(), 200), CONTEXT)
    assert isinstance(gone, Record)
    assert gone.state == "deleted"


def good(name: str) -> dict[str, Any]:
    return {"bId": name, "Invoice": {"Id": "7", "SyncToken": "0", "TotalAmt": 1}}


def test_throttled_says_how_long() -> None:
    found = QBO.judge(answer(body("3001"), 429))
    assert isinstance(found, RateLimited)
    assert found.after.total_seconds() == 60
    told = QBO.judge(Answer(429, {"retry-after": "7"}, body("3001")))
    assert isinstance(told, RateLimited)
    assert told.after.total_seconds() == 7


def test_a_batch_is_matched_by_its_names_and_not_by_place() -> None:
    said = {"BatchItemResponse": [good("2"), {"bId": "1", **json.loads(body("6140", NUMBER))}]}
    first, second = QBO.results([INVOICE, UPDATE], answer(json.dumps(said).encode(), 200), CONTEXT)
    assert isinstance(first, Held)
    assert isinstance(second, Record)


def test_a_batch_that_misses_an_answer_is_uncertain() -> None:
    said = answer(json.dumps({"BatchItemResponse": [good("1")]}).encode(), 200)
    with pytest.raises(Uncertain):
        QBO.results([INVOICE, INVOICE], said, CONTEXT)


def test_a_batch_refused_as_a_whole_is_rejected_so_that_it_is_halved() -> None:
    with pytest.raises(Rejected):
        QBO.results([INVOICE, INVOICE], answer(body("1040")), CONTEXT)


def test_an_answer_without_the_object_is_uncertain() -> None:
    with pytest.raises(Uncertain):
        QBO.results([INVOICE], answer(b'{"time": "2026-03-09T08:04:05.120-07:00"}', 200), CONTEXT)


def test_a_batch_key_fits() -> None:
    """36 characters for a batch, 10 for the name of an item (dossier section 8)."""
    facts = provider("quickbooks_online")
    assert facts.calls.idempotency_param == "requestid"
    contacts = [around.create(builders.contact(f"c{n}")) for n in range(10)]
    sent = json.loads(QBO.request(contacts, CONTEXT).body)["BatchItemRequest"]
    assert max(len(item["bId"]) for item in sent) <= 10
    assert facts.entities[EntityType.CONTACT].bulk <= 10


def changing(code: str, **there: Any) -> object:
    write = around.update(around.invoice(), "customer", raw={"Invoice": {"Id": "58", **there}})
    return refused(answer(body(code, "The customer cannot be changed.")), write)


@pytest.mark.parametrize("code", ["6000", "7777"])
def test_what_is_refused_of_a_paid_document_waits_for_the_end_of_its_payment(code: str) -> None:
    """The text is not documented: that something is applied to it is reason enough."""
    paid = changing(code, LinkedTxn=[{"TxnId": "7", "TxnType": "Payment"}])
    assert isinstance(paid, Held)
    assert (paid.reason, "Void its payments" in paid.action) == ("paid", True)
    estimated = changing(code, LinkedTxn=[{"TxnId": "7", "TxnType": "Estimate"}])
    assert getattr(estimated, "reason", "") == "refused"
