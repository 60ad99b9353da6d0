"""Where money comes from and goes to."""

from services.sandbox.providers.myob.books import Books
from services.sandbox.providers.myob.errors import out_of_place
from services.sandbox.providers.myob.fields import Row

PAID_FROM = frozenset({"Bank", "CreditCard"})


def money_account(books: Books, row: Row) -> str:
    """The account a payment moves money on; raises Refused for one that is no bank."""
    if row.get("DepositTo") == "UndepositedFunds":
        return books.system["undeposited"]
    if row.get("PayFrom") == "ElectronicPayments":
        return books.system["electronic"]
    account = books.tables["accounts"].rows[row["Account"]]
    takes = PAID_FROM if "PayFrom" in row else {"Bank"}
    if account["Type"] not in takes or account["IsHeader"]:
        raise out_of_place("Account", "Payments take a bank account or undeposited funds")
    return str(account["UID"])
