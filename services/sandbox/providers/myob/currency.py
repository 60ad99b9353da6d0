"""The currency of a document, and whether this company file takes it."""

from services.sandbox.providers.myob.call import Call
from services.sandbox.providers.myob.errors import not_allowed, out_of_place
from services.sandbox.providers.myob.fields import Row
from services.sandbox.providers.myob.kinds import Kind
from services.sandbox.providers.myob.money import ONE


def currency_of(call: Call, kind: Kind, row: Row) -> Row:
    """`_rate` and `_foreign`: units of the file's currency per unit of the document's."""
    uid = row["ForeignCurrency"]
    currency = call.books.tables["currencies"].rows[uid] if uid else None
    if currency is None or currency["Code"] == call.books.currency:
        return {"_rate": ONE, "_foreign": False, "CurrencyExchangeRate": None}
    if call.books.habits.old_multicurrency:
        raise not_allowed(call.method)
    if call.books.habits.essentials or not kind.foreign:
        raise out_of_place("ForeignCurrency", "Foreign currency is not supported here")
    rate = row["CurrencyExchangeRate"] or currency["CurrentRate"]
    if not rate or rate < 0:
        raise out_of_place("CurrencyExchangeRate", "The exchange rate must be above zero")
    return {"_rate": rate, "_foreign": True, "CurrencyExchangeRate": rate}
