"""Every row of the dossier's section 10: what MYOB answers, and what we do about it."""

from datetime import timedelta
from typing import Any

import pytest

from libs.connector.errors import (
    Conflict,
    Disconnected,
    Held,
    RateLimited,
    Rejected,
    SyncError,
)
from libs.connector.interface import Answer, Record
from libs.connector.wire import encode
from libs.testing import builders
from services.connectors.myob import errors
from tests.services.connectors.myob import around
from tests.services.connectors.myob.around import MYOB, create, update


def body(name: str, code: int | None, message: str = "", details: str = "") -> dict[str, Any]:
    shown = {
        "Name": name,
        "Message": message,
        "AdditionalDetails": details,
        "ErrorCode": code,
        "Severity": "Error",
        "LearnMore": "",
    }
    return {"Errors": [shown], "Information": None}


def answer(status: int, said: Any, **headers: str) -> Answer:
    return Answer(status, headers, said if isinstance(said, bytes) else encode(said))


ROWS: dict[str, tuple[int, Any, type[SyncError], str]] = {
    "missing field": (400, body("Required", 100, "Name is required"), Rejected, "required"),
    "bad type": (400, body("SerializationError", 50), Rejected, "not-understood"),
    "dead reference": (400, body("NotFound", 150, "Account 100 of 50"), Held, "not-found"),
    "duplicate": (400, body("DuplicateIdentifier", None), Held, "number-taken"),
    "duplicate, in words": (400, body("X", 1, "It already exists."), Held, "number-taken"),
    "stale": (409, body("IncorrectRowVersionSupplied", 111), Conflict, "stale"),
    "uid on post": (409, body("UIDSupplied", None), Rejected, "not-understood"),
    "not found": (404, b"", Held, "not-found"),
    "reversal": (400, body("TransactionsCannotBeDeleted", 25003), Held, "reversal-only"),
    "year": (400, body("DatePriorToBeginningOfFinancialYear", 25008), Held, "period-locked"),
    "lock": (400, body("BusinessEvent_DateOccured_InLockPeriod", 4223), Held, "period-locked"),
    "terms": (400, body("Term_Out_Of_Range", None), Held, "terms"),
    "job header": (400, body("Line_JobHeaderNotAllowed", None), Held, "tracking"),
    "no category": (400, body("X", 4227, "CategoryId"), Held, "tracking"),
    "no job": (400, body("X", 4245), Held, "tracking"),
    "credit hold": (400, body("CardId", None, "over the limit"), Held, "credit-hold"),
    "converted": (
        400,
        body("X", None, "Cannot update or delete order converted to Bill"),
        Held,
        "converted",
    ),
    "currency": (405, b"", Held, "currency"),
    "paid": (400, body("X", None, "The invoice has payments applied."), Held, "paid"),
    "deposited": (
        400,
        body("X", None, "The payment was deposited to the bank; undo the deposit first"),
        Held,
        "deposited",
    ),
    "overpaid": (400, body("X", None, "It exceeds the balance due"), Held, "overpaid"),
    "unknown": (400, body("X", 9), Rejected, "refused"),
    "no JSON": (400, b"<html>", Rejected, "refused"),
}


def test_whatever_is_said_of_a_change_of_a_paid_document_waits_for_its_payments() -> None:
    """The texts are not documented: what is applied to it is."""
    paid = {"~place": "Item", "UID": "i1", "TotalAmount": 55, "BalanceDueAmount": 50}
    said = answer(400, body("X", 9, "More is applied than that", "UID"))
    for raw, wanted in ((paid, Held), ({**paid, "BalanceDueAmount": 55}, Rejected)):
        with pytest.raises(wanted) as raised:
            MYOB.results([update(builders.invoice("i1"), raw, "customer")], said, around.context())
        assert raised.value.sentence == "MYOB refuses invoice i1: More is applied than that"
        assert (raised.value.reason == "paid") is (wanted is Held)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_refusal_says_what_to_do(row: tuple[int, Any, type[SyncError], str]) -> None:
    status, said, wanted, reason = row
    with pytest.raises(SyncError) as raised:
        MYOB.results([create(builders.contact())], answer(status, said), around.context())
    assert type(raised.value) is wanted
    assert raised.value.reason == reason
    assert raised.value.sentence
    assert raised.value.action or wanted is Conflict


def test_every_error_is_read_and_a_warning_fails_nothing() -> None:
    both = body("Unforeseen", 1) | {}
    both["Errors"].append(body("IncorrectRowVersionSupplied", 111)["Errors"][0])
    assert isinstance(errors.refused(create(builders.contact()), answer(409, both)), Conflict)
    both["Errors"][1]["Severity"] = "Warning"
    assert isinstance(errors.refused(create(builders.contact()), answer(400, both)), Rejected)


THROTTLED = "API key has exceeded the {} rate limit"
NOON = "Sat, 21 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("said", "headers", "after"),
    [
        (THROTTLED.format("per-second"), {}, timedelta(seconds=2)),
        (THROTTLED.format("daily"), {"date": NOON}, timedelta(hours=12)),
        (THROTTLED.format("daily"), {}, timedelta(hours=1)),
    ],
)
def test_a_throttle_is_a_403(said: str, headers: dict[str, str], after: timedelta) -> None:
    found = MYOB.judge(answer(403, body("RateLimitError", None, said), **headers))
    assert isinstance(found, RateLimited)
    assert found.after == after


def test_a_403_is_judged_by_its_name() -> None:
    denied = MYOB.judge(answer(403, body("AccessDenied", None)))
    dead = MYOB.judge(answer(403, body("DeveloperInactive", None)))
    assert isinstance(denied, Disconnected)
    assert isinstance(dead, Disconnected)
    assert denied.action != dead.action
    assert isinstance(MYOB.judge(answer(403, b"")), Disconnected)


def test_a_429_without_a_wait_is_short() -> None:
    found = MYOB.judge(answer(429, b""))
    assert isinstance(found, RateLimited)
    assert found.after < timedelta(seconds=5)
    assert MYOB.judge(Answer(429, {"retry-after": "7"}, b"")) is None


@pytest.mark.parametrize("status", [400, 401, 404, 409, 500, 504])
def test_other_statuses_mean_what_they_say(status: int) -> None:
    """Among them 504: the kernel takes a write's outcome for unknown."""
    assert MYOB.judge(answer(status, body("GatewayTimeout", None))) is None


def test_what_is_gone_already_is_deleted() -> None:
    write = around.update(builders.invoice(), {"~place": "Item", "UID": "u"})
    gone = type(write)(**{**_fields(write), "verb": "delete"})
    (result,) = MYOB.results([gone], answer(404, b""), around.context())
    assert isinstance(result, Record)
    assert result.state == "deleted"


def _fields(write: Any) -> dict[str, Any]:
    return {name: getattr(write, name) for name in write.__slots__}
