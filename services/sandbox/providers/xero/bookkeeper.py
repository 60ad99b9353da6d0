"""A person at work in Xero's own user interface: the API's rules, without its limits."""

from collections.abc import Callable

from services.sandbox.provider import RefusedError
from services.sandbox.providers.xero import (
    accounts,
    cashbook,
    contacts,
    items,
    settings,
)
from services.sandbox.providers.xero.books import Books, Event, new_id
from services.sandbox.providers.xero.call import Call
from services.sandbox.providers.xero.dates import read_date
from services.sandbox.providers.xero.desk import resource_of, row_of, shown, writes_of
from services.sandbox.providers.xero.errors import Invalid, Refused, Wire

NUMBERS = {
    "Invoices": "InvoiceNumber",
    "CreditNotes": "CreditNoteNumber",
    "PurchaseOrders": "PurchaseOrderNumber",
}
LOCKS = {
    "period_lock_date": "PeriodLockDate",
    "end_of_year_lock_date": "EndOfYearLockDate",
}


def act(books: Books, action: Wire) -> tuple[Wire, list[Event]]:
    """The record as the API shows it, and what webhooks tell; raises RefusedError."""
    done = ACTIONS.get(str(action.get("do")))
    if done is None:
        raise RefusedError(f"A bookkeeper cannot do {action.get('do')!r}: {sorted(ACTIONS)}.", 422)
    start = books.savepoint()
    try:
        # What a person types has four decimal places at hand.
        record = done(Call(books, "PUT", {"unitdp": "4"}), action)
    except Invalid as error:
        books.rollback(start)
        raise RefusedError(" ".join(error.messages)) from None
    except Refused as error:
        books.rollback(start)
        raise RefusedError(str(error.body.get("Message") or error.body.get("Detail"))) from None
    except RefusedError:
        books.rollback(start)
        raise
    return record, books.commit()


def _add(call: Call, action: Wire) -> Wire:
    name = resource_of(action)
    if name in cashbook.MADE:
        return shown(call.books, name, cashbook.MADE[name](call, action.get("record") or {}))
    return shown(call.books, name, writes_of(name)[0](call, action.get("record") or {}))


def _edit(call: Call, action: Wire) -> Wire:
    name = resource_of(action)
    row = row_of(call.books, name, action.get("id"))
    return shown(call.books, name, writes_of(name)[1](call, row, action.get("changes") or {}))


def _status(status: str) -> Callable[[Call, Wire], Wire]:
    def change(call: Call, action: Wire) -> Wire:
        name = resource_of(action)
        row = row_of(call.books, name, action.get("id"))
        if name in cashbook.ENDED:
            return shown(call.books, name, cashbook.ENDED[name](call, row))
        if name == "Items":
            call.books.items.remove(row)
            return items.view(row)
        return shown(call.books, name, writes_of(name)[1](call, row, {"Status": status}))

    return change


def _contact_status(status: str) -> Callable[[Call, Wire], Wire]:
    def change(call: Call, action: Wire) -> Wire:
        row = row_of(call.books, "Contacts", action.get("id"))
        changed = contacts.update(call, row, {"ContactStatus": status})
        return shown(call.books, "Contacts", changed)

    return change


def _merge(call: Call, action: Wire) -> Wire:
    """The merged contact is archived and points to the other, which takes its documents."""
    books = call.books
    row = row_of(books, "Contacts", action.get("id"))
    into = row_of(books, "Contacts", action.get("into"))
    if row is into:
        raise RefusedError("A contact cannot be merged into itself.")
    for table in books.tables.values():
        for document in list(table):
            if document.get("_contact") == row["ContactID"]:
                table.put({**document, "_contact": into["ContactID"]})
    merged = {"ContactStatus": "ARCHIVED", "MergedToContactID": into["ContactID"]}
    used = {key: row[key] or into[key] for key in ("IsCustomer", "IsSupplier")}
    books.save(books.contacts, {**into, **used})
    return shown(books, "Contacts", books.save(books.contacts, {**row, **merged}))


def _copy(call: Call, action: Wire) -> Wire:
    """A draft with the next number and everything else as it was, our marker too."""
    name = resource_of(action)
    if name not in NUMBERS:
        raise RefusedError(f"{name} cannot be copied.", 422)
    row = row_of(call.books, name, action.get("id"))
    lines = [{k: v for k, v in line.items() if k != "LineItemID"} for line in row["LineItems"]]
    keys = ("Type", "Reference", "Url", "LineAmountTypes", "CurrencyCode", "BrandingThemeID")
    wire: Wire = {key: row[key] for key in keys if row.get(key) is not None}
    wire |= {"Contact": {"ContactID": row["_contact"]}, "LineItems": lines}
    if row["Type"] == "ACCPAY":
        wire["InvoiceNumber"] = row.get("InvoiceNumber")
    return shown(call.books, name, writes_of(name)[0](call, wire))


def _enable_currency(call: Call, action: Wire) -> Wire:
    """Settings > Currencies: `code`."""
    code = str(action.get("code"))
    if code not in settings.CURRENCIES:
        raise RefusedError(f"There is no currency {code!r}: {sorted(settings.CURRENCIES)}.", 422)
    call.books.currencies[code] = settings.CURRENCIES[code]
    return {"Code": code, "Description": settings.CURRENCIES[code]}


def _lock(call: Call, action: Wire) -> Wire:
    for key, field in LOCKS.items():
        if key in action:
            call.books.organisation[field] = read_date(action, key)
    return settings.organisation_view(call.books.organisation)


def _change_account(changes_of: Callable[[Wire], Wire]) -> Callable[[Call, Wire], Wire]:
    def change(call: Call, action: Wire) -> Wire:
        id_ = cashbook.account(call.books, action.get("id") or new_id())["AccountID"]
        row = accounts.update(call, call.books.accounts.rows[id_], changes_of(action))
        return accounts.view(call.books, call.books.accounts.rows[row["AccountID"]])

    return change


def _new_name(action: Wire) -> Wire:
    return {"Name": action.get("name") or (action.get("changes") or {}).get("Name")}


ACTIONS: dict[str, Callable[[Call, Wire], Wire]] = {
    "add": _add,
    "edit": _edit,
    "pay": cashbook.pay,
    "unpay": cashbook.unpay,
    "reconcile": cashbook.reconcile,
    "apply": cashbook.apply,
    "unapply": cashbook.unapply,
    "void": _status("VOIDED"),
    "delete": _status("DELETED"),
    "archive": _contact_status("ARCHIVED"),
    "unarchive": _contact_status("ACTIVE"),
    "merge": _merge,
    "copy": _copy,
    "lock": _lock,
    "enable_currency": _enable_currency,
    "rename_account": _change_account(_new_name),
    "archive_account": _change_account(lambda _: {"Status": "ARCHIVED"}),
}
