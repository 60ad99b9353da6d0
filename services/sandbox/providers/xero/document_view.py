"""How the common parts of documents look."""

from services.sandbox.providers.xero import contact_view
from services.sandbox.providers.xero.books import Books
from services.sandbox.providers.xero.dates import ms_date, read_date
from services.sandbox.providers.xero.errors import Refused, Wire
from services.sandbox.providers.xero.money import trimmed
from services.sandbox.providers.xero.rendering import amounts, dated, kept, updated
from services.sandbox.providers.xero.table import Row

LINE_KEYS = frozenset(
    {"LineItemID", "Description", "Quantity", "UnitAmount", "ItemCode", "AccountCode"}
    | {"AccountID", "TaxType", "TaxAmount", "LineAmount", "Tracking", "DiscountRate"}
    | {"DiscountAmount"}
)


def contact(books: Books, row: Row, *, whole: bool) -> Wire:
    """The contact inside a document."""
    found = books.contacts.rows[row["_contact"]]
    return contact_view.full(books, found) if whole else contact_view.brief(found)


def common(books: Books, row: Row, *, whole: bool) -> Wire:
    """Contact, dates, status, lines and totals; without lines in a list of headers."""
    return {
        "Contact": contact(books, row, whole=whole),
        **dated("Date", row["Date"]),
        **dated("DueDate", row.get("DueDate")),
        **kept(row, "BrandingThemeID"),
        "Status": row["Status"],
        "LineAmountTypes": row["LineAmountTypes"],
        "LineItems": row["LineItems"] if whole else [],
        **amounts(row),
        **updated(row),
        "CurrencyCode": row["CurrencyCode"],
    }


def discounted(row: Row) -> bool:
    """`IsDiscounted`."""
    return any("DiscountRate" in line or "DiscountAmount" in line for line in row["LineItems"])


def rate(row: Row) -> Wire:
    """`CurrencyRate`."""
    return {"CurrencyRate": trimmed(row["CurrencyRate"])}


class EchoOf:
    """Echoes the elements of one resource."""

    def __init__(self, id_key: str, keys: tuple[str, ...]) -> None:
        self._id_key = id_key
        self._keys = keys

    def __call__(self, wire: Wire) -> Wire:
        out: Wire = {self._id_key: contact_view.NO_ID}
        for key in (self._id_key, *self._keys):
            if wire.get(key) is not None:
                out[key] = _echoed(key, wire)
        return out


def _echoed(key: str, wire: Wire) -> object:
    value = wire[key]
    if key.endswith("Date"):
        try:
            return ms_date(read_date(wire, key) or value)
        except Refused:
            return None
    if key == "Contact" and isinstance(value, dict):
        return {
            name: value[name] for name in ("ContactID", "ContactNumber", "Name") if name in value
        }
    if key == "LineItems" and isinstance(value, list):
        return [{name: one[name] for name in one if name in LINE_KEYS} for one in value]
    return value
