"""The Invoices endpoints: lists and filters, bulk and single writes, e-mail, online link."""

from collections.abc import Callable

from services.sandbox.providers.xero import invoice_view, invoices
from services.sandbox.providers.xero.bulk import Bulk, run
from services.sandbox.providers.xero.call import Answer, Call, found
from services.sandbox.providers.xero.errors import Invalid, validation
from services.sandbox.providers.xero.paging import CONTACT, Listed, listed
from services.sandbox.providers.xero.table import Row

NAME = "Invoices"
LISTED = Listed(
    NAME,
    frozenset(
        {"InvoiceID", "InvoiceNumber", "Type", "Status", "Reference", "Date", "DueDate", "Url"}
        | {"AmountDue", "AmountPaid", "AmountCredited", "SubTotal", "TotalTax", "Total"}
        | {"UpdatedDateUTC", "CurrencyCode", "CurrencyRate", "LineAmountTypes", "SentToContact"}
        | {"FullyPaidOnDate", "ExpectedPaymentDate", "PlannedPaymentDate", "BrandingThemeID"}
    ),
    ("InvoiceNumber", "Reference"),
    {"Contact": CONTACT},
    indexed=frozenset(
        {"Status", "Contact.ContactID", "Contact.Name", "Contact.ContactNumber", "Reference"}
        | {"Date", "Type", "AmountDue", "AmountPaid", "DueDate", "InvoiceID", "UpdatedDateUTC"}
    ),
    ordered=frozenset({"InvoiceID", "UpdatedDateUTC", "Date"}),
)
BULK = Bulk(
    NAME,
    invoices.write,
    lambda call, row: invoice_view.full(call.books, row),
    invoice_view.echo,
)


def index(call: Call) -> Answer:
    """With a page the whole invoices, without one headers only."""
    rows, pagination = listed(call, call.books.invoices, LISTED, _filter(call))
    if call.flag("summaryonly"):
        return Answer({**pagination, NAME: [invoice_view.summary(call.books, r) for r in rows]})
    whole = bool(pagination)
    shown = [invoice_view.full(call.books, row, whole=whole) for row in rows]
    return Answer({**pagination, NAME: shown})


def _filter(call: Call) -> Callable[[Row], bool] | None:
    keys = {"invoicenumbers": "InvoiceNumber", "contactids": "_contact", "statuses": "Status"}
    wanted = {
        key: {one.lower() for one in values}
        for name, key in keys.items()
        if (values := call.csv(name))
    }
    if not wanted:
        return None
    return lambda row: all(str(row.get(key)).lower() in values for key, values in wanted.items())


def one(call: Call, id_: str) -> Answer:
    """By id or number."""
    row = found(call.books.invoices, id_, "number")
    return Answer({NAME: [invoice_view.full(call.books, row)]})


def save(call: Call) -> Answer:
    """PUT or POST of many."""
    return run(call, BULK, call.elements_of(NAME))


def save_one(call: Call, id_: str) -> Answer:
    """POST of one."""
    before = found(call.books.invoices, id_)
    elements = call.elements_of(NAME)[:1]
    return run(call, BULK, elements, lambda c, wire: invoices.update(c, before, wire))


def email(call: Call, id_: str) -> Answer:
    """204; refused for drafts (UNCONFIRMED) and without an address."""
    books = call.books
    row = found(books.invoices, id_)
    contact = books.contacts.rows[row["_contact"]]
    wrong = []
    if row["Status"] not in {"SUBMITTED", "AUTHORISED", "PAID"}:
        wrong.append("Only submitted, authorised or paid invoices can be emailed")
    if not contact.get("EmailAddress"):
        wrong.append("The contact has no email address")
    if wrong:
        raise validation([BULK.failed(call, {"InvoiceID": row["InvoiceID"]}, Invalid(*wrong))])
    books.save(books.invoices, {**row, "SentToContact": True})
    return Answer(status=204)


def online(call: Call, id_: str) -> Answer:
    """The public pay link of an approved sales invoice."""
    row = found(call.books.invoices, id_)
    if row["Type"] != "ACCREC" or row["Status"] not in {"AUTHORISED", "PAID"}:
        wrong = Invalid("The invoice must be an approved sales invoice")  # UNCONFIRMED text
        raise validation([BULK.failed(call, {"InvoiceID": row["InvoiceID"]}, wrong)])
    link = f"https://in.xero.com/{row['InvoiceID'].replace('-', '')}"
    return Answer({"OnlineInvoices": [{"OnlineInvoiceUrl": link}]})
