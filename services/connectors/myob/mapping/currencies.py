"""Foreign currencies (dossier section 4): AccountRight only, and never with a rate we made up."""

from decimal import Decimal

from libs.connector.errors import Held
from libs.connector.interface import Context
from services.connectors.myob.mapping.refs import reference
from services.connectors.myob.mapping.wire import Element, Raw, linked, number

FEATURE = "currency/"


def feature(code: str, uid: str) -> str:
    """How a company's currency stands among its features."""
    return f"{FEATURE}{code}/{uid}"


def known(context: Context) -> dict[str, str]:
    """The company's currencies, code -> id."""
    found = (one.split("/") for one in context.company.features if one.startswith(FEATURE))
    return {code: uid for _, code, uid in found}


def is_foreign(currency: str, context: Context) -> bool:
    return currency != context.company.currency


def currency_to_myob(currency: str, rate: Decimal | None, context: Context) -> Element:
    """The fields of a foreign document or payment; none for one in the company's own currency.

    Raises Held where the company does not have the currency, or the product names no rate.
    """
    if not is_foreign(currency, context):
        return {"ForeignCurrency": None, "CurrencyExchangeRate": None}
    uid = known(context).get(currency)
    if uid is None:
        raise Held(
            f"{context.company.name} does not use {currency}.",
            reason="currency",
            action=f"Add {currency} in AccountRight (the browser's MYOB knows one currency only); "
            "it then goes on by itself.",
        )
    if not rate:
        raise Held(
            f"It is in {currency} and names no exchange rate.",
            reason="rate",
            action="Give it an exchange rate in the product.",
        )
    return {"ForeignCurrency": reference(uid), "CurrencyExchangeRate": rate}


def currency_from_myob(raw: Raw, context: Context) -> tuple[str, Decimal | None]:
    """(currency, rate); a rate means something only for a foreign document."""
    uid = linked(raw, "ForeignCurrency")
    if not uid:
        return context.company.currency, None
    codes = {one: code for code, one in known(context).items()}
    code = str(raw["ForeignCurrency"].get("Code") or codes.get(uid) or "")
    if not code:
        raise Held(
            f"{raw.get('Number')} is in a currency that MYOB does not name.",
            reason="currency",
            action="Look at it in MYOB; then ledgerbridge retry.",
        )
    if not is_foreign(code, context):
        return code, None
    return code, number(raw, "CurrencyExchangeRate", 12) or None
