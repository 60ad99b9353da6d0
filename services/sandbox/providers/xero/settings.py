"""What an organisation is set up with: itself, currencies, themes, users, payment services."""

from services.sandbox.providers.xero.books import new_id
from services.sandbox.providers.xero.call import Answer, Call, found, text
from services.sandbox.providers.xero.dates import ms_date, ms_moment
from services.sandbox.providers.xero.errors import Wire, malformed, not_found
from services.sandbox.providers.xero.rendering import kept, updated
from services.sandbox.providers.xero.table import Row

CURRENCIES = {
    "NZD": "New Zealand Dollar",
    "AUD": "Australian Dollar",
    "GBP": "British Pound",
    "USD": "United States Dollar",
    "EUR": "Euro",
    "CAD": "Canadian Dollar",
}


def organisation_view(row: Row) -> Wire:
    """The organisation; lock dates only when they are set."""
    wire: Wire = {key: value for key, value in row.items() if not key.startswith("_")}
    for key in ("PeriodLockDate", "EndOfYearLockDate"):
        day = wire.pop(key, None)
        if day is not None:
            wire[key] = ms_date(day)
    wire["CreatedDateUTC"] = ms_moment(row["CreatedDateUTC"])
    return wire


def organisation(call: Call) -> Answer:
    """GET /Organisation."""
    return Answer({"Organisations": [organisation_view(call.books.organisation)]})


def actions(_: Call) -> Answer:
    """GET /Organisation/Actions."""
    names = ("CreateSalesInvoice", "CreateBill", "CreateCreditNote", "UseMulticurrency")
    return Answer({"Actions": [{"Name": name, "Status": "ALLOWED"} for name in names]})


def currencies(call: Call) -> Answer:
    """GET /Currencies."""
    shown = [{"Code": c, "Description": d} for c, d in call.books.currencies.items()]
    return Answer({"Currencies": shown})


def add_currency(call: Call) -> Answer:
    """PUT /Currencies enables one."""
    wire = call.elements_of("Currencies")[0]
    code = text(wire, "Code") or ""
    if len(code) != 3 or not code.isupper():
        raise malformed(f"'{code}' is not a currency code")
    call.books.currencies.setdefault(code, CURRENCIES.get(code, code))
    return Answer({"Currencies": [{"Code": code, "Description": call.books.currencies[code]}]})


def themes(call: Call) -> Answer:
    """GET /BrandingThemes."""
    return Answer({"BrandingThemes": [_theme(row) for row in call.books.branding_themes]})


def theme(call: Call, id_: str) -> Answer:
    """GET /BrandingThemes/{id}."""
    return Answer({"BrandingThemes": [_theme(_one(call.books.branding_themes, id_))]})


def _theme(row: Row) -> Wire:
    shown = kept(row, "BrandingThemeID", "Name", "SortOrder", "Type")
    return {**shown, "CreatedDateUTC": ms_moment(row["CreatedDateUTC"])}


def _one(rows: list[Row], id_: str) -> Row:
    for row in rows:
        if id_.lower() in row.values():
            return row
    raise not_found()


def users(call: Call) -> Answer:
    """GET /Users."""
    since = call.since
    rows = [row for row in call.books.users if since is None or row["UpdatedDateUTC"] >= since]
    return Answer({"Users": [_user(row) for row in rows]})


def user(call: Call, id_: str) -> Answer:
    """GET /Users/{id}."""
    return Answer({"Users": [_user(_one(call.books.users, id_))]})


def _user(row: Row) -> Wire:
    keys = ("UserID", "EmailAddress", "FirstName", "LastName", "IsSubscriber", "OrganisationRole")
    return {**kept(row, *keys), **updated(row)}


def services(call: Call) -> Answer:
    """GET /PaymentServices."""
    return Answer({"PaymentServices": call.books.payment_services})


def add_service(call: Call) -> Answer:
    """PUT /PaymentServices."""
    made = [
        {
            "PaymentServiceID": new_id(),
            **kept(wire, "PaymentServiceName", "PaymentServiceUrl", "PayNowText"),
            "PaymentServiceType": "Custom",
        }
        for wire in call.elements_of("PaymentServices")
    ]
    call.books.payment_services.extend(made)
    return Answer({"PaymentServices": made})


def theme_services(call: Call, id_: str) -> Answer:
    """GET and POST /BrandingThemes/{id}/PaymentServices."""
    row = _one(call.books.branding_themes, id_)
    attached: list[Wire] = row["_services"]
    if call.method == "POST":
        attached.extend(
            _one(call.books.payment_services, str(wire.get("PaymentServiceID")))
            for wire in call.elements_of("PaymentServices")
        )
    return Answer({"PaymentServices": attached})


def groups(call: Call) -> Answer:
    """GET /ContactGroups."""
    return Answer({"ContactGroups": [_group(row) for row in call.books.contact_groups]})


def group(call: Call, id_: str) -> Answer:
    """GET /ContactGroups/{id}."""
    row = found(call.books.contact_groups, id_)
    members = [call.books.contacts.rows[one] for one in row["_members"]]
    contacts = [kept(member, "ContactID", "Name") for member in members]
    return Answer({"ContactGroups": [{**_group(row), "Contacts": contacts}]})


def add_group(call: Call) -> Answer:
    """PUT /ContactGroups."""
    made = []
    for wire in call.elements_of("ContactGroups"):
        row = {"ContactGroupID": new_id(), "Name": text(wire, "Name"), "Status": "ACTIVE"}
        made.append(call.books.save(call.books.contact_groups, {**row, "_members": ()}))
    return Answer({"ContactGroups": [_group(row) for row in made]})


def join_group(call: Call, id_: str) -> Answer:
    """PUT /ContactGroups/{id}/Contacts."""
    books, row = call.books, found(call.books.contact_groups, id_)
    joined = [found(books.contacts, str(w.get("ContactID"))) for w in call.elements_of("Contacts")]
    _members(call, row, (*row["_members"], *(one["ContactID"] for one in joined)))
    return Answer({"Contacts": [kept(one, "ContactID", "Name") for one in joined]})


def leave_group(call: Call, id_: str, contact_id: str | None = None) -> Answer:
    """DELETE /ContactGroups/{id}/Contacts and …/Contacts/{ContactID}."""
    row = found(call.books.contact_groups, id_)
    gone = row["_members"] if contact_id is None else (contact_id.lower(),)
    _members(call, row, tuple(one for one in row["_members"] if one not in gone))
    return Answer(status=204)


def _members(call: Call, row: Row, members: tuple[str, ...]) -> None:
    call.books.save(call.books.contact_groups, {**row, "_members": tuple(dict.fromkeys(members))})
    for id_ in {*row["_members"], *members}:
        call.books.contacts.rows[id_].pop("_wire", None)


def _group(row: Row) -> Wire:
    return {**kept(row, "ContactGroupID", "Name", "Status"), "Contacts": []}
