"""What an update of a document sends: the document as it is there with what has changed.

A PUT replaces all of it (dossier section 8), so fields and rows that are not ours travel back.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from libs.connector.flat import join, names
from libs.connector.interface import Context, Write
from services.connectors.myob.mapping import lines
from services.connectors.myob.mapping.documents import KINDS, Paper, form_of
from services.connectors.myob.mapping.lines import Form
from services.connectors.myob.mapping.wire import PLACE, Element, Raw, number, plain

COMPUTED = frozenset(
    {"Subtotal", "TotalTax", "TotalAmount", "BalanceDueAmount", "Status", "LastPaymentDate", "URI"}
)
WIRED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "issue_date": ("Date", "Terms"),
        "due_date": ("Terms",),
        "delivery_date": ("PromisedDate",),
        "customer": ("Customer",),
        "supplier": ("Supplier",),
        "tax_mode": ("IsTaxInclusive",),
        "currency": ("ForeignCurrency", "CurrencyExchangeRate"),
        "exchange_rate": ("CurrencyExchangeRate",),
        "purchase_order": ("CustomerPurchaseOrderNumber",),
        "purchase_orders": ("Order",),
        "job": ("JournalMemo",),
        "note": ("Comment",),
        "location": ("Category",),
    }
)
SAID_ANEW: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"tax_mode": ("tax_code",), "currency": ("unit_price",), "location": ("tracking",)}
)
"""What every line says again where a field of the head has changed."""


def changed_document(write: Write, document: Paper, head: Element, context: Context) -> Element:
    """The document as it is there with what has changed: a PUT replaces all of it."""
    fields = {names(path)[0] for path in write.changed}
    raw = {name: value for name, value in plain(write.raw).items() if name not in COMPUTED}
    wanted = {wired for field in fields for wired in WIRED.get(field, ())}
    wanted |= {KINDS[document.type].number} if "number" in fields else set()
    wanted |= {"Category"} if _tracked(write.changed) else set()
    if "Terms" in wanted and "Terms" in head:
        kept = ("DiscountDate", "DiscountForEarlyPayment", "MonthlyChargeForLatePayment")
        terms = raw.get("Terms") or {}
        head = {**head, "Terms": {n: terms[n] for n in kept if n in terms} | head["Terms"]}
    raw |= {name: value for name, value in head.items() if name in wanted}
    if fields & {"lines", *SAID_ANEW}:
        form = form_of(document, str(write.raw[PLACE]), context)
        raw |= _changed_lines(write, document, form, context)
    return raw


def _changed_lines(write: Write, document: Paper, form: Form, context: Context) -> Element:
    rows = {str(one.get("RowID")): one for one in write.raw.get("Lines") or ()}
    anew = {leaf for name in SAID_ANEW if name in write.changed for leaf in SAID_ANEW[name]}
    written: dict[str, Element] = {}
    freight = None
    for line in document.lines:
        theirs = write.lines.get(line.id, "")
        if theirs == lines.FREIGHT:
            freight = line
        elif theirs in rows:
            leaves = _leaves(write.changed, line.id) | anew
            written[theirs] = lines.changed_line(rows[theirs], line, leaves, form, context)
        else:
            written[f"+{line.id}"] = lines.new_line(line, form, context)
    element: Element = {"Lines": _in_place(rows, written)}
    touched = freight is None or _leaves(write.changed, freight.id)
    if number(write.raw, form.money("Freight")) and touched:
        element |= lines.freight_to_myob(freight, form, context)
    return element


def _tracked(changed: Collection[str]) -> bool:
    """Whether a line's tracking changed, which may be the document's category."""
    return any({"tracking", "location"} & set(names(path)[2:]) for path in changed)


def _leaves(changed: Collection[str], line: str) -> frozenset[str]:
    prefix = join("lines", line) + "."
    return frozenset(p.removeprefix(prefix).split(".")[0] for p in changed if p.startswith(prefix))


def _in_place(rows: Mapping[str, Raw], written: Mapping[str, Element]) -> list[Element]:
    """In the product's order; heads and subtotals of the bookkeeper's keep everything in place."""
    if all(lines.is_money(row) for row in rows.values()):
        return list(written.values())
    kept = [written.get(key) or dict(row) for key, row in rows.items() if _stays(key, row, written)]
    return kept + [line for key, line in written.items() if key not in rows]


def _stays(key: str, row: Raw, written: Mapping[str, Element]) -> bool:
    return key in written or not lines.is_money(row)
