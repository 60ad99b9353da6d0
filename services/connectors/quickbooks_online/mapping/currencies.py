"""Currency and rate of a transaction, where the company has more than one (dossier section 4)."""

from decimal import Decimal
from typing import Any

from libs.connector.interface import Context
from services.connectors.quickbooks_online.mapping import contacts
from services.connectors.quickbooks_online.mapping.wire import Element, Raw, number, ref, ref_of


def sent(currency: str, rate: Decimal | None, context: Context) -> Element:
    """Currency and rate where the company has more than one; no rate is never 1."""
    if contacts.MULTICURRENCY not in context.company.features:
        return {}
    foreign = currency != context.company.currency
    return {"CurrencyRef": ref(currency), "ExchangeRate": rate if foreign else None}


def shown(raw: Raw, context: Context) -> dict[str, Any]:
    """Currency and rate as an entity has them."""
    currency = ref_of(raw, "CurrencyRef") or context.company.currency
    foreign = currency != context.company.currency
    rate = number(raw, "ExchangeRate", 12) or None
    return {"currency": currency, "exchange_rate": rate if foreign else None}
