"""The vendor's error codes (dossier section 10): what to call them, and what a person does."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from libs.connector.errors import (
    Disconnected,
    Held,
    Rejected,
    SyncError,
    Unavailable,
    Uncertain,
)

AGAIN = "Then ledgerbridge retry takes it up again."
CORRECT = f"Correct it in the product and send it again. {AGAIN}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What to call a code, and what a person does about it."""

    reason: str
    action: str
    error: type[SyncError] = Held


OUTSIDE: Mapping[str, Refusal] = MappingProxyType(
    {
        "120": Refusal(
            "no-access",
            "An administrator of the company has to connect it again on the integrations page.",
            Disconnected,
        ),
        "130": Refusal(
            "configuration",
            "The operator checks that production and sandbox are not mixed up.",
            Disconnected,
        ),
        "140": Refusal("locked", "", Unavailable),
        "150": Refusal("maintenance", "", Unavailable),
        "3100": Refusal(
            "configuration",
            "The operator checks the environment, the app's approval and its scopes at Intuit.",
            Disconnected,
        ),
        "6190": Refusal(
            "subscription-ended",
            "Renew the QuickBooks subscription, then connect the company again.",
            Disconnected,
        ),
        "10200": Refusal(
            "company-reset",
            "The company's data was reset in QuickBooks: connect it again, then backfill it.",
            Disconnected,
        ),
        "10000": Refusal("system", "", Uncertain),
    }
)
"""About the connection or the vendor, not about the one record."""

REFUSALS: Mapping[str, Refusal] = MappingProxyType(
    {
        "500": Refusal("unsupported", "Tell the operator: this is a fault of ours.", Rejected),
        "600": Refusal("uncertain", "", Uncertain),
        "620": Refusal(
            "cannot-link", "Link the two in QuickBooks by hand, or correct the amounts. " + AGAIN
        ),
        "1040": Refusal("too-large", "It is sent again in smaller parts.", Rejected),
        "2020": Refusal("incomplete", CORRECT, Rejected),
        "2030": Refusal("bad-id", CORRECT, Rejected),
        "2050": Refusal("too-long", "Shorten it in the product and send it again.", Rejected),
        "2170": Refusal("bad-value", CORRECT, Rejected),
        "2210": Refusal("bad-email", "Correct the e-mail address in the product.", Rejected),
        "2500": Refusal(
            "bad-reference",
            "Restore what it refers to in QuickBooks, or choose another with ledgerbridge map. "
            + AGAIN,
        ),
        "4000": Refusal("bad-query", "Tell the operator: this is a fault of ours.", Rejected),
        "4001": Refusal("bad-query", "Tell the operator: this is a fault of ours.", Rejected),
        "4002": Refusal("bad-query", "Tell the operator: this is a fault of ours.", Rejected),
        "5020": Refusal(
            "not-in-plan",
            "Upgrade the QuickBooks plan or switch the feature on there. " + AGAIN,
        ),
        "6000": Refusal("refused", "Do what the sentence says in QuickBooks. " + AGAIN),
        "6030": Refusal("too-large", "Attach a smaller file.", Rejected),
        "6070": Refusal("rounding", CORRECT, Rejected),
        "6080": Refusal("no-name", "Give the contact a name in the product.", Rejected),
        "6100": Refusal("tax-code", "Choose another tax code with ledgerbridge map. " + AGAIN),
        "6140": Refusal(
            "number-taken",
            "Give one of the two documents another number in QuickBooks or in the product.",
        ),
        "6180": Refusal("too-deep", "Move the customer up: QuickBooks takes five levels."),
        "6200": Refusal(
            "period-locked",
            "Re-date it into the open period, or move the closing date in QuickBooks. " + AGAIN,
        ),
        "6210": Refusal(
            "period-locked",
            "Re-date it into the open period, or move the closing date in QuickBooks. " + AGAIN,
        ),
        "6240": Refusal(
            "name-taken",
            "Rename or merge one of the two in QuickBooks, or rename it in the product: customers, "
            "suppliers and employees share their names there. " + AGAIN,
        ),
        "6430": Refusal("account", "Choose another account with ledgerbridge map. " + AGAIN),
        "6440": Refusal("incomplete", "Choose the account with ledgerbridge map. " + AGAIN),
        "6450": Refusal("cannot-void", "Void it in QuickBooks by hand, or leave it. " + AGAIN),
        "6480": Refusal(
            "matched", "Undo the match with the bank feed in QuickBooks first. " + AGAIN
        ),
        "6540": Refusal(
            "deposited", "Take it out of its bank deposit in QuickBooks first. " + AGAIN
        ),
        "800": Refusal("linked", "Remove what is linked to it in QuickBooks first. " + AGAIN),
    }
)
