"""Xero's refusals in words a bookkeeper can act on (dossier section 10): status and text decide."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from libs.connector.errors import (
    Held,
    Rejected,
    SyncError,
    Unavailable,
    Uncertain,
)
from libs.connector.interface import Answer, Write
from services.connectors.xero.mapping.wire import Raw

AGAIN = "Then ledgerbridge retry takes it up again."


@dataclass(frozen=True, slots=True)
class Refusal:
    """A text of Xero's, what to call it, and what a person does about it."""

    text: re.Pattern[str]
    reason: str
    action: str
    error: type[SyncError] = Held


def _refusal(text: str, reason: str, action: str, error: type[SyncError] = Held) -> Refusal:
    return Refusal(re.compile(text, re.IGNORECASE), reason, action, error)


REFUSALS = (
    _refusal(
        r"(Invoice|Credit note) # must be unique|number must be unique",
        "number-taken",
        "Give one of the two documents another number in Xero or in the product.",
    ),
    _refusal(
        r"contact name .* is already assigned",
        "name-taken",
        "Rename or merge one of the two contacts in Xero, or rename the customer.",
    ),
    _refusal(
        r"Another contact has this contact number",
        "number-taken",
        "Clear the contact number of the other contact in Xero.",
    ),
    _refusal(
        r"Price List Item with Code .* already exists",
        "code-taken",
        "Rename one of the two items.",
    ),
    _refusal(
        r"cannot be before the .*lock date|end of year lock date|period lock date",
        "period-locked",
        "Re-date it into the open period, or move the lock date in Xero. " + AGAIN,
    ),
    _refusal(
        r"has a payment or credit note allocated|not of valid status for modification",
        "paid",
        "Remove its payments and credits in Xero, or issue a credit note. " + AGAIN,
    ),
    _refusal(
        r"could not be found|status 404",
        "not-found",
        "It was deleted in Xero: restore it there, or delete it in the product.",
    ),
    _refusal(
        r"has been archived\. The contact must be un-archived",
        "contact-archived",
        "Restore the contact in Xero. " + AGAIN,
    ),
    _refusal(
        r"Account code .* (is not a valid code|has been archived)",
        "account",
        "Choose another account with ledgerbridge map, or restore it in Xero.",
    ),
    _refusal(
        r"TaxType code .* cannot be used",
        "tax-code",
        "Choose another tax code or account with ledgerbridge map.",
    ),
    _refusal(
        r"amount exceeds|exceeds the amount outstanding",
        "overpaid",
        "Lower the payment to what is still due in Xero, or pay another document.",
    ),
    _refusal(
        r"only be made against authorised",
        "not-approved",
        "Approve the document in Xero. " + AGAIN,
    ),
    _refusal(
        r"reached the limit of invoices",
        "plan-limit",
        "Upgrade the Xero plan or wait for the next month. " + AGAIN,
    ),
    _refusal(
        r"currency .*(not enabled|not subscribed|invalid)|CurrencyCode",
        "currency",
        "Add the currency in Xero. " + AGAIN,
    ),
    _refusal(
        r"Idempotency Key: .* is used with a different request",
        "uncertain",
        "",
        Uncertain,
    ),
)


def refused(write: Write, messages: Sequence[str]) -> SyncError:
    """What to do about one refused element."""
    said = " ".join(messages) or "It gave no reason."
    sentence = f"Xero refuses {write.type.replace('_', ' ')} {write.id}: {said}"
    for refusal in REFUSALS:
        if refusal.text.search(said):
            if refusal.error is Uncertain:
                return Uncertain(sentence, answered=True)
            return refusal.error(sentence, reason=refusal.reason, action=refusal.action)
    action = f"Correct it in the product and send it again. {AGAIN}"
    return Rejected(sentence, reason="refused", action=action)


def is_refused(element: Raw) -> bool:
    """Whether Xero stored nothing of an element.

    Where the status is OK or WARNING it did, whatever else is said. Without a status (some answers
    have none) any validation error is a refusal: the vendor's own examples show an id beside one.
    """
    status = str(element.get("StatusAttributeString") or "").upper()
    if status:
        return status == "ERROR"
    flagged = element.get("HasErrors") or element.get("HasValidationErrors")
    return bool(flagged or element.get("ValidationErrors"))


def messages_of(element: Raw) -> list[str]:
    """The sentences of Xero about one element."""
    found = element.get("ValidationErrors") or ()
    return [str(error.get("Message", "")) for error in found]


def envelope(answer: Answer) -> Raw | None:
    """The body where it is a JSON object: some error answers are text, or nothing."""
    try:
        body = answer.json()
    except Unavailable:
        return None
    return body if isinstance(body, dict) else None


def whole(writes: Sequence[Write], answer: Answer) -> SyncError:
    """An error answer to the call as a whole."""
    body = envelope(answer) or {}
    elements = body.get("Elements") or ()
    said = [message for element in elements for message in messages_of(element)]
    said = said or [str(body.get("Message") or body.get("Detail") or f"status {answer.status}")]
    error = refused(writes[0], said)
    if len(writes) > 1 and not isinstance(error, Uncertain):
        # The kernel halves what is refused as a whole, down to the one it is about.
        return Rejected(error.sentence, reason=error.reason, action=error.action)
    return error
