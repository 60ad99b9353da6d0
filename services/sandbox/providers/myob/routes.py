"""Which resource answers which path of a company file, and which scope it asks for."""

from functools import partial

from services.sandbox.providers.myob import (
    cash,
    company,
    discounts,
    documents,
    lists,
    papers,
    payments,
    settlements,
)
from services.sandbox.providers.myob.call import Answer, Call, Handler
from services.sandbox.providers.myob.document_fields import LAYOUTS, TIME_BILLING
from services.sandbox.providers.myob.errors import missing, not_allowed
from services.sandbox.providers.myob.fields import Field, Row, Spec
from services.sandbox.providers.myob.kinds import BILL, INVOICE, KINDS, Kind
from services.sandbox.providers.myob.listing import matching, paged
from services.sandbox.providers.myob.resource import Resource
from services.sandbox.providers.myob.schema import PATHS, SPECS

LISTS = (
    *("customers", "suppliers", "items", "accounts", "tax_codes", "categories", "jobs"),
    "locations",
)
READ_ONLY = ("employees", "currencies", "journal", "history")
SCOPES: dict[str, tuple[str, ...]] = {
    "Contact/Customer": ("sme-contacts-customer",),
    "Contact/Supplier": ("sme-contacts-supplier",),
    "Contact/Employee": ("sme-contacts-employee",),
    "Contact": ("sme-contacts-customer", "sme-contacts-supplier"),
    "GeneralLedger": ("sme-general-ledger",),
    "Report": ("sme-general-ledger",),
    "Sale": ("sme-sales",),
    "Purchase": ("sme-purchases",),
    "Banking": ("sme-banking",),
    "Inventory": ("sme-inventory",),
    "Company": ("sme-company-settings",),
    "": ("sme-company-file",),
}


def _typed(kind: Kind, layout: str) -> Resource:
    """`/Sale/Invoice/Item` and the like: with lines."""
    sub: dict[tuple[str, str], Handler] = {}
    if kind is INVOICE:
        sub["POST", "Email"] = papers.email
    if kind is BILL:
        sub |= _ATTACHMENTS
    writable = layout != TIME_BILLING
    return Resource(
        kind.table,
        kind.specs[layout],
        partial(_create, kind, layout) if writable else None,
        partial(_update, kind) if writable else None,
        partial(_delete, kind) if writable else None,
        keep=lambda row: bool(row["_layout"] == layout),
        render=papers.pdf if kind.sales else None,
        sub=sub,
    )


def _create(kind: Kind, layout: str, call: Call, wire: dict[str, object]) -> Row:
    return documents.create(call, kind, layout, wire)


def _update(kind: Kind, call: Call, row: Row, wire: dict[str, object]) -> Row:
    return documents.update(call, kind, row, wire)


def _delete(kind: Kind, call: Call, row: Row) -> None:
    documents.delete(call, kind, row)


def headed(kind: Kind) -> Spec:
    """Of any layout: no lines, but the layout's name."""
    name = {"invoices": "InvoiceType", "bills": "BillType", "quotes": "QuoteType"}
    spec = {key: one for key, one in kind.specs["Item"].items() if key != "Lines"}
    layout = Field("text", sent=False, computed=lambda _, row: row["_layout"])
    return {**spec, name.get(kind.table, "OrderType"): layout}


_ATTACHMENTS: dict[tuple[str, str], Handler] = {
    ("GET", "Attachment"): papers.attached,
    ("POST", "Attachment"): papers.attach,
    ("DELETE", "Attachment"): papers.detach,
}


def _payments(side: payments.Side) -> Resource:
    return Resource(
        side.table,
        SPECS[side.table],
        lambda call, wire: payments.create(call, side, wire),
        delete=lambda call, row: payments.delete(call, side, row),
        calls=discounts.calls(side),
    )


def _settlements(side: settlements.Side) -> dict[str, Resource]:
    return {
        PATHS[side.settlements]: Resource(
            side.settlements,
            SPECS[side.settlements],
            lambda call, wire: settlements.create_settlement(call, side, wire),
            delete=lambda call, row: settlements.delete_settlement(call, side, row),
        ),
        PATHS[side.refunds]: Resource(
            side.refunds,
            SPECS[side.refunds],
            lambda call, wire: settlements.create_refund(call, side, wire),
            delete=lambda call, row: settlements.delete_refund(call, side, row),
        ),
    }


def _cash(table: str) -> Resource:
    return Resource(
        table,
        SPECS[table],
        lambda call, wire: cash.write(call, table, wire),
        lambda call, row, wire: cash.write(call, table, wire, row),
        lambda call, row: cash.delete(call, table, row),
        sub=_ATTACHMENTS if table == "spent" else {},
    )


def _resources() -> dict[str, Resource]:
    found = {PATHS[table]: lists.resource(table) for table in LISTS}
    found |= {PATHS[table]: Resource(table, SPECS[table]) for table in READ_ONLY}
    for kind in KINDS.values():
        found[PATHS[kind.table]] = Resource(kind.table, headed(kind), single=False)
        layouts = (*LAYOUTS, TIME_BILLING) if kind.sales else LAYOUTS
        for layout in layouts:
            found[f"{PATHS[kind.table]}/{layout}"] = _typed(kind, layout)
    for side in payments.SIDES.values():
        found[PATHS[side.table]] = _payments(side)
    for credits_ in (settlements.CREDIT, settlements.DEBIT):
        found |= _settlements(credits_)
    return found | {PATHS[table]: _cash(table) for table in ("spent", "received")}


RESOURCES = _resources()


def _cards(call: Call) -> Answer:
    """GET /Contact: every kind of card."""
    if call.method != "GET":
        raise not_allowed(call.method)
    found = [
        {**row, "_table": table}
        for table in ("customers", "suppliers")
        for row in matching(call, table, SPECS[table])
    ]
    rows, frame = paged(call, found)
    return Answer({"Items": [_card(call, row) for row in rows], **frame})


def _card(call: Call, row: Row) -> dict[str, object]:
    table = row["_table"]
    type_ = {"customers": "Customer", "suppliers": "Supplier"}[table]
    return {"Type": type_, **call.shown.record(table, row, SPECS[table])}


def scopes_of(path: str) -> tuple[str, ...]:
    """The scopes of which one is needed."""
    parts = path.strip("/").split("/")
    return SCOPES.get("/".join(parts[:2])) or SCOPES.get(parts[0]) or SCOPES[""]


def dispatch(call: Call, path: str) -> Answer:
    """Answer one call; raises Refused for paths and methods there are not."""
    parts = [part for part in path.split("/") if part]
    if not parts:
        return company.root(call, sorted(RESOURCES))
    if parts == ["Company", "Preferences"]:
        return company.preferences(call)
    if parts == ["Contact"]:
        return _cards(call)
    for length in (3, 2):
        resource = RESOURCES.get("/".join(parts[:length]))
        if resource is not None:
            return resource.answer(call, parts[length:])
    raise missing()
