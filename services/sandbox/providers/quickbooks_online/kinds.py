"""Every entity of the API by its name and by its path."""

from services.sandbox.providers.quickbooks_online import (
    accounts,
    attachments,
    bill_payments,
    company,
    deposits,
    items,
    lists,
    payments,
    people,
    purchases,
    sales_posting,
    taxes,
)
from services.sandbox.providers.quickbooks_online.call import Kind

KINDS: dict[str, Kind] = {
    kind.name: kind
    for module in (
        company,
        people,
        items,
        accounts,
        lists,
        taxes,
        sales_posting,
        payments,
        purchases,
        bill_payments,
        deposits,
        attachments,
    )
    for kind in module.KINDS
}
BY_PATH = {name.lower(): kind for name, kind in KINDS.items()}


def kind_named(name: str) -> Kind | None:
    """An entity by name, without regard to case, also in the plural."""
    return BY_PATH.get(name.lower()) or BY_PATH.get(name.lower().removesuffix("s"))
