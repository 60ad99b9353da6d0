"""What can be wrong with a company as a whole: access lost, subscription ended, maintenance."""

from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.errors import Invalid

AUTHENTICATION = "AuthenticationFault"
STATES = {
    "admin_lost": Invalid(
        "120",
        "Authorization Failure",
        "AuthorizationFailure: -11014-You do not have access to use QuickBooks Online Plus.",
        status=401,
        kind="AuthorizationFault",
    ),
    "wrong_cluster": Invalid(
        "130",
        "Accessing Wrong Cluster",
        "Accessing Wrong Cluster : WrongClusterError",
        status=401,
        kind=AUTHENTICATION,
    ),
    "locked_out": Invalid(
        "140", "Company Locked Out", "The company is locked out.", kind=AUTHENTICATION
    ),
    "maintenance": Invalid(
        "150", "Company Under Maintenance", "The company is under maintenance.", kind=AUTHENTICATION
    ),
    "subscription_ended": Invalid(
        "6190",
        "Invalid Company Status",
        "Subscription period has ended or canceled or there was a billing problem.",
    ),
    "data_reset": Invalid("10200", "Company Data Reset", "The company's data was reset."),
}


def checked(books: Books) -> None:
    """Raises Invalid unless the company is fine."""
    if books.state in STATES:
        known = STATES[books.state]
        raise Invalid(known.code, known.message, known.detail, status=known.status, kind=known.kind)
