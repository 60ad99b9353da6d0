"""MYOB's refusals in words a bookkeeper can act on (dossier section 10): name, code, then text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from libs.connector.errors import (
    Conflict,
    Held,
    Rejected,
    SyncError,
    Unavailable,
)
from libs.connector.interface import Answer, Write
from services.connectors.myob.mapping.wire import Raw, number

AGAIN = "Then ledgerbridge retry takes it up again."
PAID = (
    "Void its payments and un-apply its credits, in the product or in MYOB: the change then goes "
    "by itself, and they can be entered again. Or issue a credit note instead. An edit can also "
    "have this done for it: ledgerbridge policy --paid-edits reapply."
)
REFUSED, NOT_FOUND, NOT_ALLOWED, STALE = 400, 404, 405, 409


@dataclass(frozen=True, slots=True)
class Refusal:
    """How an error of MYOB is known, what to call it, and what a person does about it."""

    known_by: re.Pattern[str]
    reason: str
    action: str
    error: type[SyncError] = Held


def _refusal(known_by: str, reason: str, action: str, error: type[SyncError] = Held) -> Refusal:
    return Refusal(re.compile(known_by, re.IGNORECASE), reason, action, error)


# Matched against "Name #code message details" of every error, in this order.
REFUSALS = (
    _refusal(r"IncorrectRowVersionSupplied|#111\b", "stale", "", Conflict),
    _refusal(
        r"TransactionsCannotBeDeleted|#25003\b|must be reversed",
        "reversal-only",
        "Reverse it in MYOB, or allow changes under Setup > Preferences > Security. " + AGAIN,
    ),
    _refusal(
        r"DatePriorToBeginningOfFinancialYear|#25008\b",
        "period-locked",
        "Re-date it into the current financial year. " + AGAIN,
    ),
    _refusal(
        r"InLockPeriod|#4223\b|lock(ed)? period",
        "period-locked",
        "Re-date it into the open period, issue a credit note there, move the lock date in MYOB, "
        "or leave it. " + AGAIN,
    ),
    _refusal(
        r"DuplicateIdentifier|already exists|already (been )?used",
        "number-taken",
        "Give one of the two records another number or card id in MYOB. " + AGAIN,
    ),
    _refusal(
        r"Term_Out_Of_Range",
        "terms",
        "Choose a due date nearer to the date of issue in the product.",
    ),
    _refusal(
        r"JobHeaderNotAllowed",
        "tracking",
        "Choose a detail job with ledgerbridge map tracking: a header job takes no lines.",
    ),
    _refusal(
        r"#4227\b|CategoryId",
        "tracking",
        "Choose a category for the location with ledgerbridge map location.",
    ),
    _refusal(
        r"#4245\b|JobId|job is required",
        "tracking",
        "Choose a job with ledgerbridge map tracking, or make jobs optional in MYOB.",
    ),
    _refusal(
        r"credit (limit|hold)|on ?hold|CardId",
        "credit-hold",
        "Take the customer off credit hold in MYOB, or raise the limit. " + AGAIN,
    ),
    _refusal(
        r"order converted to bill",
        "converted",
        "The order has become a bill: change the bill.",
    ),
    _refusal(
        r"\bdeposited|\breconciled",
        "deposited",
        "Undo the bank deposit or the reconciliation in MYOB first. " + AGAIN,
    ),
    _refusal(
        r"\bNotFound\b|#150\b",
        "not-found",
        "Something it refers to was deleted or put away in MYOB: restore it there, or choose "
        "another with ledgerbridge map. " + AGAIN,
    ),
    _refusal(
        r"\bRequired\b|#100\b",
        "required",
        "Fill in the field that MYOB asks for in the product and send it again.",
        Rejected,
    ),
    _refusal(
        r"SerializationError|#50\b",
        "not-understood",
        "Report this to whoever runs Ledgerbridge: MYOB did not understand the call.",
        Rejected,
    ),
    _refusal(
        r"(exceed|greater than|more than).*\b(balance|due|amount)|AmountApplied",
        "overpaid",
        "Lower the payment to what is still due in MYOB, or pay another document.",
    ),
    _refusal(
        r"\b(has|have) (been )?(paid|applied|payments?|settlements?)|payments? (applied|exist)"
        r"|payments or credits are applied",
        "paid",
        PAID,
    ),
)


def refused(write: Write, answer: Answer) -> SyncError:
    """What to do about an answer that is no success."""
    what = f"{write.type.replace('_', ' ')} {write.id}"
    found = errors_of(answer)
    said = " ".join(_sentence(error) for error in found) or f"status {answer.status}."
    sentence = f"MYOB refuses {what}: {said}"
    keys = " ".join(_key(error) for error in found)
    for refusal in REFUSALS:
        if refusal.known_by.search(keys):
            return refusal.error(sentence, reason=refusal.reason, action=refusal.action)
    if answer.status == REFUSED and _is_applied(write.raw):
        # What MYOB says of a paid document is not documented (section 4).
        return Held(sentence, reason="paid", action=PAID)
    return _by_status(sentence, answer.status)


def _is_applied(raw: Raw) -> bool:
    """Whether payments or credits stand against the document."""
    shown = raw.get("BalanceDueAmount") is not None
    return shown and number(raw, "TotalAmount") != number(raw, "BalanceDueAmount")


def errors_of(answer: Answer) -> Sequence[Raw]:
    """Every error of an answer; warnings fail nothing, and some bodies are no JSON."""
    try:
        body: Any = answer.json() if answer.body else {}
    except Unavailable:
        return ()
    shown = body.get("Errors") if isinstance(body, dict) else None
    found = [error for error in shown or () if isinstance(error, dict)]
    return [error for error in found if error.get("Severity") != "Warning"]


def _by_status(sentence: str, status: int) -> SyncError:
    if status == NOT_FOUND:
        action = "It was deleted in MYOB: delete it in the product, or send it again there."
        return Held(sentence, reason="not-found", action=action)
    if status == NOT_ALLOWED:
        action = "This company file takes no foreign currency from outside: enter it in MYOB."
        return Held(sentence, reason="currency", action=action)
    if status == STALE:
        action = "Report this to whoever runs Ledgerbridge: MYOB did not understand the call."
        return Rejected(sentence, reason="not-understood", action=action)
    action = f"Correct it in the product and send it again. {AGAIN}"
    return Rejected(sentence, reason="refused", action=action)


def _sentence(error: Raw) -> str:
    said, more = (str(error.get(n) or "").strip() for n in ("Message", "AdditionalDetails"))
    if more and " " not in more:
        # The name of a field; that of the record's own id tells nobody anything.
        more = "" if more == "UID" else f"({more})"
    return " ".join(one for one in (said, more) if one) or str(error.get("Name") or "")


def _key(error: Raw) -> str:
    code = f"#{error['ErrorCode']}" if error.get("ErrorCode") else ""
    said = (error.get(name) or "" for name in ("Message", "AdditionalDetails"))
    return " ".join(map(str, (error.get("Name") or "", code, *said)))
