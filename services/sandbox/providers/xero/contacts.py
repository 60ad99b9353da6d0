"""Contacts: customers and suppliers in one list, never deleted, only archived."""

from services.sandbox.providers.xero import contact_view
from services.sandbox.providers.xero.books import Books, name_key, new_id
from services.sandbox.providers.xero.bulk import Bulk, run
from services.sandbox.providers.xero.call import Answer, Call, found, text
from services.sandbox.providers.xero.contact_fields import fields
from services.sandbox.providers.xero.errors import Invalid, Wire
from services.sandbox.providers.xero.paging import Listed, listed
from services.sandbox.providers.xero.table import Row

NAME = "Contacts"
STATUSES = frozenset({"ACTIVE", "ARCHIVED", "GDPRREQUEST"})
LISTED = Listed(
    NAME,
    frozenset(
        {"ContactID", "Name", "FirstName", "LastName", "EmailAddress", "ContactNumber"}
        | {"AccountNumber", "ContactStatus", "IsCustomer", "IsSupplier", "UpdatedDateUTC"}
        | {"CompanyNumber", "TaxNumber", "DefaultCurrency"}
    ),
    ("Name", "FirstName", "LastName", "EmailAddress", "ContactNumber", "CompanyNumber"),
    indexed=frozenset({"Name", "EmailAddress", "AccountNumber", "ContactID", "UpdatedDateUTC"}),
)
IDENTIFIERS = "Name, ContactID, ContactNumber"


def write(call: Call, wire: Wire) -> Row:
    """PUT creates; POST updates the contact with that id, number or (UNCONFIRMED) name."""
    books = call.books
    known = _by_id(books, wire)
    if known is None and call.method == "POST":
        known = _by_number(books, wire) or _by_name(books, wire)
    elif known is not None and call.method == "PUT":
        raise Invalid(_name_taken(known["Name"]))
    return create(call, wire) if known is None else update(call, known, wire)


def create(call: Call, wire: Wire) -> Row:
    """A new contact; neither customer nor supplier until its first document."""
    sent = fields(wire)
    if not (sent.get("Name") or "").strip():
        raise Invalid(
            "The Contact must contain at least 1 of the following elements to identify the "
            f"contact: {IDENTIFIERS}"
        )
    row: Row = {
        "ContactID": new_id(),
        "ContactStatus": _status(wire) or "ACTIVE",
        "IsSupplier": False,
        "IsCustomer": False,
        "Addresses": [],
        "Phones": [],
        "ContactPersons": [],
        "_app": call.app,
        **sent,
    }
    _unique(call.books, row)
    return call.books.save(call.books.contacts, row)


def update(call: Call, before: Row, wire: Wire) -> Row:
    """Sparse: what is absent stays."""
    row = {**before, **fields(wire)}
    if (status := _status(wire)) is not None:
        row["ContactStatus"] = status
    if row["ContactStatus"] == "ACTIVE":
        row.pop("MergedToContactID", None)
    _unique(call.books, row)
    return call.books.save(call.books.contacts, row)


def resolve(call: Call, wire: Wire) -> Row:
    """The contact a document names: by id, number or name; a new name makes a new contact."""
    row = _by_id(call.books, wire) or _by_number(call.books, wire) or _by_name(call.books, wire)
    if row is None:
        row = create(call, wire)
    if row["ContactStatus"] != "ACTIVE":
        raise Invalid(
            "The contact with the specified contact details has been archived. The contact must "
            "be un-archived before creating new invoices or credit notes."
        )
    return row


def mark_used(books: Books, contact: Row, flag: str) -> None:
    """The first invoice makes a customer, the first bill a supplier."""
    if not contact[flag]:
        books.save(books.contacts, {**contact, flag: True})


def _status(wire: Wire) -> str | None:
    status = text(wire, "ContactStatus")
    if status is not None and status not in STATUSES:
        raise Invalid(f"'{status}' is not a valid ContactStatus")
    return status


def _by_id(books: Books, wire: Wire) -> Row | None:
    id_ = text(wire, "ContactID")
    if not id_ or set(id_) <= {"0", "-"}:
        return None
    row = books.contacts.get(id_)
    if row is None:
        raise Invalid("An existing Contact with the specified ContactID could not be found")
    return row


def _by_number(books: Books, wire: Wire) -> Row | None:
    number = text(wire, "ContactNumber")
    return next(iter(books.contacts.find("number", number)), None) if number else None


def _by_name(books: Books, wire: Wire) -> Row | None:
    key = name_key(text(wire, "Name") or "", trim=books.habits.trim_names)
    return next(iter(books.contacts.find("name", key)), None) if key else None


def _unique(books: Books, row: Row) -> None:
    number = row.get("ContactNumber")
    key = name_key(row["Name"], trim=books.habits.trim_names)
    wrong = []
    if row["ContactStatus"] == "ACTIVE" and _others(books, "name", key, row):
        wrong.append(_name_taken(row["Name"]))
    if number and _others(books, "number", number, row):
        wrong.append(
            f"Another contact has this contact number. The contact number {number} must be unique."
        )
    if wrong:
        raise Invalid(*wrong)


def _others(books: Books, index: str, key: str, row: Row) -> bool:
    same = books.contacts.find(index, key)
    return any(other["ContactID"] != row["ContactID"] for other in same)


def _name_taken(name: str) -> str:
    return (
        f"The contact name {name} is already assigned to another contact. "
        "The contact name must be unique across all active contacts."
    )


BULK = Bulk(
    NAME,
    write,
    lambda call, row: contact_view.full(call.books, row),
    contact_view.echo,
    "HasValidationErrors",
)


def index(call: Call) -> Answer:
    """Archived ones only on request; without a page the summary of each."""
    archived = call.flag("includearchived")
    rows, pagination = listed(call, call.books.contacts, LISTED, None if archived else _active)
    if call.flag("summaryonly"):
        return Answer({**pagination, NAME: [contact_view.summary(row) for row in rows]})
    show = contact_view.detailed if pagination else contact_view.full
    return Answer({**pagination, NAME: [show(call.books, row) for row in rows]})


def _active(row: Row) -> bool:
    return bool(row["ContactStatus"] == "ACTIVE")


def one(call: Call, id_: str) -> Answer:
    """By id or ContactNumber."""
    row = found(call.books.contacts, id_, "number")
    return Answer({NAME: [contact_view.detailed(call.books, row)]})


def save(call: Call) -> Answer:
    """PUT or POST of many."""
    return run(call, BULK, call.elements_of(NAME))


def save_one(call: Call, id_: str) -> Answer:
    """POST of one."""
    before = found(call.books.contacts, id_)
    return run(call, BULK, call.elements_of(NAME)[:1], lambda c, wire: update(c, before, wire))
