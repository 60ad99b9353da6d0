"""The chart of accounts."""

from services.sandbox.providers.xero.books import Books, new_id
from services.sandbox.providers.xero.bulk import Bulk, run
from services.sandbox.providers.xero.call import Answer, Call, found, text, truth
from services.sandbox.providers.xero.errors import Invalid, Wire, validation
from services.sandbox.providers.xero.paging import Listed, listed
from services.sandbox.providers.xero.rendering import kept, updated
from services.sandbox.providers.xero.table import Row

NAME = "Accounts"
CLASSES = {
    **dict.fromkeys(("BANK", "CURRENT", "FIXED", "INVENTORY", "NONCURRENT", "PREPAYMENT"), "ASSET"),
    **dict.fromkeys(("DEPRECIATN", "DIRECTCOSTS", "EXPENSE", "OVERHEADS"), "EXPENSE"),
    **dict.fromkeys(("CURRLIAB", "LIABILITY", "TERMLIAB", "PAYG"), "LIABILITY"),
    **dict.fromkeys(("OTHERINCOME", "REVENUE", "SALES"), "REVENUE"),
    "EQUITY": "EQUITY",
}
TEXTS = {
    "Code": 10,
    "Name": 150,
    "Description": 4000,
    "TaxType": 50,
    "BankAccountNumber": 50,
    "BankAccountType": 20,
    "CurrencyCode": 3,
}
LISTED = Listed(
    NAME,
    frozenset(
        {"AccountID", "Code", "Name", "Type", "Class", "Status", "TaxType", "SystemAccount"}
        | {"EnablePaymentsToAccount", "UpdatedDateUTC", "BankAccountNumber", "CurrencyCode"}
    ),
    paged=False,
)


def build(wire: Wire) -> Row:
    """A new account from its fields; used by the seed too."""
    row: Row = {
        "AccountID": new_id(),
        "Status": "ACTIVE",
        "EnablePaymentsToAccount": False,
        "ShowInExpenseClaims": False,
        "AddToWatchlist": False,
        "TaxType": "NONE",
        **wire,
    }
    row["Class"] = CLASSES[row["Type"]]
    return row


def create(call: Call, wire: Wire) -> Row:
    """PUT of one account."""
    if text(wire, "Type") not in CLASSES:
        raise Invalid("A valid account Type must be specified")  # UNCONFIRMED text
    return _saved(call.books, build(_sent(wire) | {"Type": wire["Type"]}))


def update(call: Call, before: Row, wire: Wire) -> Row:
    """Rename, archive, restore; system accounts stay."""
    row = {**before, **_sent(wire)}
    if (status := text(wire, "Status")) is not None:
        if before.get("SystemAccount") and status != "ACTIVE":
            raise Invalid("System accounts cannot be archived")  # UNCONFIRMED text
        row["Status"] = status
    return _saved(call.books, row)


def _sent(wire: Wire) -> Row:
    out: Row = {key: text(wire, key) for key in TEXTS if wire.get(key) is not None}
    wrong = [key for key, value in out.items() if len(value) > TEXTS[key]]
    if wrong:
        raise Invalid(*(f"{key} must not be longer than {TEXTS[key]} characters" for key in wrong))
    if (enabled := truth(wire, "EnablePaymentsToAccount")) is not None:
        out["EnablePaymentsToAccount"] = enabled
    return out


def _saved(books: Books, row: Row) -> Row:
    if not row.get("Name"):
        raise Invalid("Account Name must be specified")  # UNCONFIRMED text
    for other in books.accounts:
        if other["AccountID"] == row["AccountID"] or other["Status"] == "DELETED":
            continue
        if row.get("Code") and other.get("Code") == row["Code"]:
            raise Invalid("Please enter a unique Code.")  # UNCONFIRMED text
        if other["Name"] == row["Name"]:
            raise Invalid("Please enter a unique Name.")  # UNCONFIRMED text
    return books.save(books.accounts, row)


def view(books: Books, row: Row) -> Wire:
    """An account; a bank account may have no code."""
    keys = ("AccountID", "Code", "Name", "Status", "Type", "TaxType", "Class", "Description")
    return {
        **kept(row, *keys, "SystemAccount"),
        "EnablePaymentsToAccount": row["EnablePaymentsToAccount"],
        "ShowInExpenseClaims": row["ShowInExpenseClaims"],
        **kept(row, "BankAccountNumber", "BankAccountType", "CurrencyCode"),
        "HasAttachments": row["AccountID"] in books.attachments,
        **updated(row),
        "AddToWatchlist": row["AddToWatchlist"],
    }


def _echo(wire: Wire) -> Wire:
    return {key: wire[key] for key in ("AccountID", "Type", *TEXTS) if wire.get(key) is not None}


BULK = Bulk(NAME, create, lambda call, row: view(call.books, row), _echo, None, status_key=False)


def index(call: Call) -> Answer:
    """All of them; never paged."""
    rows, _ = listed(call, call.books.accounts, LISTED)
    return Answer({NAME: [view(call.books, row) for row in rows]})


def one(call: Call, id_: str) -> Answer:
    """By id."""
    return Answer({NAME: [view(call.books, found(call.books.accounts, id_))]})


def save(call: Call) -> Answer:
    """PUT."""
    return run(call, BULK, call.elements_of(NAME))


def save_one(call: Call, id_: str) -> Answer:
    """POST of one."""
    before = found(call.books.accounts, id_)
    return run(call, BULK, call.elements_of(NAME)[:1], lambda c, wire: update(c, before, wire))


def delete(call: Call, id_: str) -> Answer:
    """Only an account that was never posted to; it stays with status DELETED."""
    books, row = call.books, found(call.books.accounts, id_)
    posted = {balance.account for balance in books.ledger.trial_balance()}
    if row.get("SystemAccount") or row["AccountID"] in posted:
        wrong = Invalid("This account is in use and cannot be deleted")  # UNCONFIRMED text
        raise validation([BULK.failed(call, {"AccountID": row["AccountID"]}, wrong)])
    row = books.save(books.accounts, {**row, "Status": "DELETED"})
    return Answer({NAME: [view(books, row)]})
