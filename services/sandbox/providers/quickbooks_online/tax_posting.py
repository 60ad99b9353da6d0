"""Where a transaction's tax is posted: to the account of each rate's agency."""

from services.sandbox.ledger import Line
from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.posting import home
from services.sandbox.providers.quickbooks_online.table import Row


def tax_lines(books: Books, row: Row, sign: int) -> list[Line]:
    """A transaction's tax, to the account of each rate's agency; the last takes what is left."""
    detail = row["TxnTaxDetail"]
    left, lines = home(detail["TotalTax"], row), list[Line]()
    for line in detail.get("TaxLine") or ():
        share = min(home(line["Amount"], row), left, key=abs)
        left -= share
        account = _owed_to(books, line["TaxLineDetail"]["TaxRateRef"]["value"])
        lines.append(Line(account, sign * share))
    last = lines[-1].account if lines else books.system["TAX"]
    return [*lines, Line(last, sign * left)] if left else lines


def _owed_to(books: Books, rate: str) -> str:
    agency = books.tables["TaxRate"].rows[rate]["AgencyRef"]["value"]
    found = books.tables["TaxAgency"].rows[agency].get("_account")
    return str(found or books.system["TAX"])
