"""The vendor's refusals in words a bookkeeper can act on (dossier section 10): codes decide."""

import re
from collections.abc import Mapping
from datetime import timedelta

from contracts.entities import Contact
from contracts.values import EntityType
from libs.connector.errors import (
    Conflict,
    Disconnected,
    Held,
    RateLimited,
    Rejected,
    SyncError,
    Uncertain,
)
from libs.connector.interface import Answer, Verb, Write
from libs.connector.numbers import ELSEWHERE
from services.connectors.quickbooks_online.faults import Fault, fault_of
from services.connectors.quickbooks_online.mapping import contacts
from services.connectors.quickbooks_online.refusals import (
    AGAIN,
    CORRECT,
    OUTSIDE,
    REFUSALS,
    Refusal,
)

PAUSE = timedelta(seconds=60)
NOT_FOUND, THROTTLED, BATCH_TOO_BIG, STALE = "610", "3001", "1040", "5010"
BUSINESS, NAME_TAKEN = "6000", "6240"
OTHERS = re.compile(r"another (customer|vendor|supplier|employee)", re.IGNORECASE)
OWN = {"customer": "Customer", "vendor": "Vendor", "supplier": "Vendor"}
SETTLED = frozenset({EntityType.INVOICE, EntityType.BILL, EntityType.CREDIT_NOTE})
APPLIED = frozenset({"Payment", "BillPayment", "BillPaymentCheck", "CreditMemo"})
PAID = (
    "Void its payments, or take off what is applied to it, in the product or in QuickBooks: the "
    "change then goes by itself."
)
TOKEN = frozenset({"3200", "100", "110"})
INACTIVE = re.compile(r"made inactive", re.IGNORECASE)
CLOSED = re.compile(
    r"period closed|books? (have been |are |is )?closed|closing date", re.IGNORECASE
)
NUMBERED = re.compile(r"document number", re.IGNORECASE)


class Missing(Conflict):
    """The object is not there (any more): a reader says so, a writer reads and merges."""

    reason = "not-found"


def judge(answer: Answer) -> SyncError | None:
    """What an answer other than 2xx means where its status misleads; None: what the status says."""
    fault = fault_of(answer)
    if fault is None or (answer.status == 401 and fault.code in TOKEN):
        return None
    if fault.code == THROTTLED:
        return _throttled(answer)
    if fault.code == NOT_FOUND and not INACTIVE.search(fault.said):
        return Missing(f"QuickBooks does not have it: {fault.said}")
    verdict = _outside(fault)
    # What is not known is told differently of a read: that is left to the status.
    return None if isinstance(verdict, Uncertain) else verdict


def of_call(fault: Fault, answer: Answer) -> SyncError | None:
    """What a fault says about the call as a whole, whatever it wrote; None: it is about a record.

    Faults come with HTTP 200, too: then nobody has judged them by their status.
    """
    if fault.code == THROTTLED:
        return _throttled(answer)
    if fault.code in TOKEN:
        return Disconnected(
            f"QuickBooks no longer lets us in: {fault.said}",
            action="Connect the company again on the integrations page.",
        )
    return _outside(fault)


def refused(write: Write, fault: Fault) -> SyncError:
    """What to do about one refused record."""
    what = f"{write.type.replace('_', ' ')} {write.id}"
    sentence = f"QuickBooks refuses {what}: {fault.said or 'It gave no reason.'}"
    outside = _outside(fault)
    if outside is not None:
        return outside
    if fault.code == NOT_FOUND:
        return _not_found(write, sentence, fault)
    if fault.code == STALE and not CLOSED.search(fault.said):
        return Conflict(sentence)
    if fault.code == NAME_TAKEN and _is_elsewhere(write, fault):
        return Held(sentence, reason=ELSEWHERE, action=REFUSALS[NAME_TAKEN].action)
    refusal = _refusal(fault)
    if (refusal is None or fault.code == BUSINESS) and _is_settled(write):
        return Held(sentence, reason="paid", action=PAID)
    return _as_listed(refusal, sentence)


def _as_listed(refusal: Refusal | None, sentence: str) -> SyncError:
    if refusal is None:
        return Rejected(sentence, reason="refused", action=CORRECT)
    if refusal.error is Uncertain:
        return Uncertain(sentence, answered=True)
    return refusal.error(sentence, reason=refusal.reason, action=refusal.action)


def _is_elsewhere(write: Write, fault: Fault) -> bool:
    """Whether a new record's name is one of another kind (dossier section 10: suffix it)."""
    named = OTHERS.search(fault.said)
    if named is None or write.collided or not isinstance(write.entity, Contact):
        return False
    return OWN.get(named[1].lower()) != contacts.main_resource(write.entity)


def _is_settled(write: Write) -> bool:
    """Whether it would change a document that something is applied to: the text does not tell."""
    shown = [raw for raw in write.raw.values() if isinstance(raw, Mapping)]
    linked = {one.get("TxnType") for raw in shown for one in raw.get("LinkedTxn") or ()}
    applied = bool(linked & APPLIED or write.raw.get("Payments"))
    return write.verb is not Verb.CREATE and write.type in SETTLED and applied


def _not_found(write: Write, sentence: str, fault: Fault) -> SyncError:
    """The object itself, or something it refers to: only the text tells."""
    if write.record and not INACTIVE.search(fault.said):
        return Missing(sentence)
    return Held(
        sentence,
        reason="inactive",
        action="Make the account, customer, item or supplier active again in QuickBooks. " + AGAIN,
    )


def _refusal(fault: Fault) -> Refusal | None:
    if fault.code == STALE:
        return REFUSALS["6200"]
    if fault.code == "6210" and NUMBERED.search(fault.said):
        return REFUSALS["6140"]
    return REFUSALS.get(fault.code)


def _outside(fault: Fault) -> SyncError | None:
    refusal = OUTSIDE.get(fault.code)
    if refusal is None:
        return None
    sentence = f"QuickBooks says: {fault.said}"
    if refusal.error is Uncertain:
        return Uncertain(sentence, answered=True)
    return refusal.error(sentence, reason=refusal.reason, action=refusal.action)


def _throttled(answer: Answer) -> RateLimited:
    said = answer.headers.get("retry-after", "")
    after = timedelta(seconds=int(said)) if said.isdigit() else PAUSE
    return RateLimited("QuickBooks asks to wait.", after)
