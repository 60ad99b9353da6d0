"""Which handler answers which path of the Accounting API, and which scope it asks for."""

from services.sandbox.providers.xero import (
    accounts,
    allocations,
    attachments,
    bank_transactions,
    batch_payments,
    contacts,
    credit_notes,
    history,
    invoice_calls,
    items,
    money_in_advance,
    payments,
    purchase_orders,
    settings,
    tax_rates,
    tracking,
)
from services.sandbox.providers.xero.call import Answer, Call, Handler
from services.sandbox.providers.xero.errors import not_found, problem

INVOICES = ("accounting.invoices",)
PAYMENTS = ("accounting.payments",)
CONTACTS = ("accounting.contacts",)
SETTINGS = ("accounting.settings",)
SCOPES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("invoices", "creditnotes", "purchaseorders"), INVOICES),
    **dict.fromkeys(("payments", "batchpayments", "overpayments", "prepayments"), PAYMENTS),
    "banktransactions": ("accounting.banktransactions",),
    **dict.fromkeys(("contacts", "contactgroups"), CONTACTS),
    "items": SETTINGS + INVOICES,
    **dict.fromkeys(("accounts", "taxrates", "trackingcategories", "organisation"), SETTINGS),
    **dict.fromkeys(("brandingthemes", "currencies", "users"), SETTINGS),
    "paymentservices": ("paymentservices",),
}
TABLES = {
    "accounts": "accounts",
    "contacts": "contacts",
    "items": "items",
    "invoices": "invoices",
    "creditnotes": "credit_notes",
    "payments": "payments",
    "batchpayments": "batch_payments",
    "overpayments": "overpayments",
    "prepayments": "prepayments",
    "banktransactions": "bank_transactions",
    "purchaseorders": "purchase_orders",
}
"""Resources with notes and attachments."""

ROUTES: dict[tuple[str, str], Handler] = {
    ("GET", "organisation"): settings.organisation,
    ("GET", "organisation/actions"): settings.actions,
    ("GET", "currencies"): settings.currencies,
    ("PUT", "currencies"): settings.add_currency,
    ("GET", "brandingthemes"): settings.themes,
    ("GET", "brandingthemes/*"): settings.theme,
    ("GET", "brandingthemes/*/paymentservices"): settings.theme_services,
    ("POST", "brandingthemes/*/paymentservices"): settings.theme_services,
    ("GET", "users"): settings.users,
    ("GET", "users/*"): settings.user,
    ("GET", "paymentservices"): settings.services,
    ("PUT", "paymentservices"): settings.add_service,
    ("GET", "contactgroups"): settings.groups,
    ("PUT", "contactgroups"): settings.add_group,
    ("GET", "contactgroups/*"): settings.group,
    ("PUT", "contactgroups/*/contacts"): settings.join_group,
    ("DELETE", "contactgroups/*/contacts"): settings.leave_group,
    ("DELETE", "contactgroups/*/contacts/*"): settings.leave_group,
    ("GET", "accounts"): accounts.index,
    ("GET", "accounts/*"): accounts.one,
    ("PUT", "accounts"): accounts.save,
    ("POST", "accounts/*"): accounts.save_one,
    ("DELETE", "accounts/*"): accounts.delete,
    ("GET", "taxrates"): tax_rates.index,
    ("GET", "taxrates/*"): tax_rates.one,
    ("PUT", "taxrates"): tax_rates.save,
    ("POST", "taxrates"): tax_rates.save,
    ("GET", "trackingcategories"): tracking.index,
    ("GET", "trackingcategories/*"): tracking.one,
    ("PUT", "trackingcategories"): tracking.save,
    ("POST", "trackingcategories/*"): tracking.save_one,
    ("DELETE", "trackingcategories/*"): tracking.delete,
    ("PUT", "trackingcategories/*/options"): tracking.add_options,
    ("POST", "trackingcategories/*/options/*"): tracking.change_option,
    ("DELETE", "trackingcategories/*/options/*"): tracking.delete_option,
    ("GET", "contacts"): contacts.index,
    ("GET", "contacts/*"): contacts.one,
    ("PUT", "contacts"): contacts.save,
    ("POST", "contacts"): contacts.save,
    ("POST", "contacts/*"): contacts.save_one,
    ("GET", "items"): items.index,
    ("GET", "items/*"): items.one,
    ("PUT", "items"): items.save,
    ("POST", "items"): items.save,
    ("POST", "items/*"): items.save_one,
    ("DELETE", "items/*"): items.delete,
    ("GET", "invoices"): invoice_calls.index,
    ("GET", "invoices/*"): invoice_calls.one,
    ("PUT", "invoices"): invoice_calls.save,
    ("POST", "invoices"): invoice_calls.save,
    ("POST", "invoices/*"): invoice_calls.save_one,
    ("POST", "invoices/*/email"): invoice_calls.email,
    ("GET", "invoices/*/onlineinvoice"): invoice_calls.online,
    ("GET", "invoices/*/pdf"): attachments.pdf,
    ("GET", "creditnotes"): credit_notes.index,
    ("GET", "creditnotes/*"): credit_notes.one,
    ("PUT", "creditnotes"): credit_notes.save,
    ("POST", "creditnotes"): credit_notes.save,
    ("POST", "creditnotes/*"): credit_notes.save_one,
    ("GET", "creditnotes/*/pdf"): attachments.pdf,
    ("GET", "payments"): payments.index,
    ("GET", "payments/*"): payments.one,
    ("PUT", "payments"): payments.save,
    ("POST", "payments"): payments.save,
    ("POST", "payments/*"): payments.save_one,
    ("GET", "batchpayments"): batch_payments.index,
    ("GET", "batchpayments/*"): batch_payments.one,
    ("PUT", "batchpayments"): batch_payments.save,
    ("POST", "batchpayments"): batch_payments.delete_many,
    ("POST", "batchpayments/*"): batch_payments.delete_one,
    ("GET", "overpayments"): money_in_advance.overpayments,
    ("GET", "overpayments/*"): money_in_advance.overpayment,
    ("GET", "prepayments"): money_in_advance.prepayments,
    ("GET", "prepayments/*"): money_in_advance.prepayment,
    ("GET", "banktransactions"): bank_transactions.index,
    ("GET", "banktransactions/*"): bank_transactions.one,
    ("PUT", "banktransactions"): bank_transactions.save,
    ("POST", "banktransactions"): bank_transactions.save,
    ("POST", "banktransactions/*"): bank_transactions.save_one,
    ("GET", "purchaseorders"): purchase_orders.index,
    ("GET", "purchaseorders/*"): purchase_orders.one,
    ("PUT", "purchaseorders"): purchase_orders.save,
    ("POST", "purchaseorders"): purchase_orders.save,
    ("POST", "purchaseorders/*"): purchase_orders.save_one,
}
_KNOWN = frozenset(path for _, path in ROUTES)
_ALLOCATED = frozenset({"creditnotes", "overpayments", "prepayments"})


def scopes_of(path: str) -> tuple[str, ...]:
    """The scopes of which one is needed to write; for reading its `.read` twin will do."""
    resource, *rest = path.lower().strip("/").split("/")
    if len(rest) > 1 and rest[1] == "attachments":
        return ("accounting.attachments",)
    return SCOPES.get(resource, ())


def dispatch(call: Call, path: str) -> Answer:
    """Answer one call; raises Refused for paths and methods there are not."""
    parts = [part for part in path.split("/") if part]
    resource = parts[0].lower() if parts else ""
    if len(parts) > 2 and resource in TABLES and (sub := parts[2].lower()) in _SHARED:
        return _SHARED[sub](call, TABLES[resource], parts[1], *parts[3:])
    if len(parts) > 2 and resource in _ALLOCATED and parts[2].lower() == "allocations":
        return _allocations(call, TABLES[resource], parts[1], *parts[3:])
    pattern = "/".join("*" if at % 2 else part.lower() for at, part in enumerate(parts))
    literal = "/".join(parts).lower()
    if handler := ROUTES.get((call.method, literal)):
        return handler(call)
    if handler := ROUTES.get((call.method, pattern)):
        return handler(call, *parts[1::2])
    if pattern in _KNOWN or literal in _KNOWN:
        raise problem(405, "Method Not Allowed", "The requested method is not supported")
    raise not_found()


def _allocations(call: Call, table: str, id_: str, *rest: str) -> Answer:
    if call.method == "PUT" and not rest:
        return allocations.allocate(call, table, id_)
    if call.method == "DELETE" and len(rest) == 1:
        return allocations.remove(call, table, id_, rest[0])
    raise not_found()


_SHARED: dict[str, Handler] = {"history": history.answer, "attachments": attachments.answer}
