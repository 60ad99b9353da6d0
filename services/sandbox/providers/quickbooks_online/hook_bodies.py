"""The bodies of webhooks: the classic format and CloudEvents."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from services.sandbox.providers.quickbooks_online.books import Event
from services.sandbox.providers.quickbooks_online.dates import hook_time
from services.sandbox.providers.quickbooks_online.errors import Wire
from services.sandbox.providers.quickbooks_online.rendering import encoded

FORMATS = frozenset({"classic", "cloudevents"})
TOLD = frozenset(
    {"Account", "Bill", "BillPayment", "Class", "CreditMemo", "Customer", "Department", "Deposit"}
    | {"Employee", "Estimate", "Invoice", "Item", "JournalEntry", "Payment", "PaymentMethod"}
    | {"Preferences", "Purchase", "PurchaseOrder", "RefundReceipt", "SalesReceipt", "TaxAgency"}
    | {"Term", "Vendor", "VendorCredit"}
)
"""Entities with webhooks; tax codes and rates have none."""

OPERATIONS = {
    "Create": "created",
    "Update": "updated",
    "Delete": "deleted",
    "Merge": "merged",
    "Emailed": "emailed",
}
SOURCE = "intuit.ledgerbridge-sandbox"


@dataclass(frozen=True, slots=True)
class Told:
    """One event of one company."""

    company: str
    event: Event
    at: datetime


def body_of(format_: str, void: str, told: list[Told]) -> bytes:
    """The bytes that are signed and sent; several companies may share one body."""
    return encoded(_classic(told) if format_ == "classic" else [_cloud(one, void) for one in told])


def _classic(told: list[Told]) -> Wire:
    companies: dict[str, list[Wire]] = {}
    for one in told:
        entity = {
            "name": one.event.entity,
            "id": one.event.id,
            "operation": one.event.operation,
            "lastUpdated": hook_time(one.at),
        }
        if one.event.deleted_id is not None:
            entity["deletedId"] = one.event.deleted_id
        companies.setdefault(one.company, []).append(entity)
    return {
        "eventNotifications": [
            {"realmId": company, "dataChangeEvent": {"entities": entities}}
            for company, entities in companies.items()
        ]
    }


def _cloud(one: Told, void: str) -> Wire:
    """Whether a void is `void` or `voided`, and the name `deletedid`, are UNCONFIRMED."""
    operation = OPERATIONS.get(one.event.operation, void)
    moment = one.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"
    deleted = one.event.deleted_id
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": SOURCE,
        "type": f"qbo.{one.event.entity.lower()}.{operation}.v1",
        "datacontenttype": "application/json",
        "time": moment,
        "intuitentityid": one.event.id,
        "intuitaccountid": one.company,
        "data": {} if deleted is None else {"deletedid": deleted},
    }
