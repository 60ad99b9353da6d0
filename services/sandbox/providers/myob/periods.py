"""When and whether transactions may be posted, changed or deleted."""

from datetime import date

from services.sandbox.providers.myob.books import Books
from services.sandbox.providers.myob.errors import invalid


def unlocked(books: Books, *days: date) -> None:
    """Raises Refused for a date before the financial year or in the locked period."""
    lock = books.preferences["System"]["LockPeriodPriorTo"]
    for day in days:
        if day < books.year_start:
            raise invalid(
                "DatePriorToBeginningOfFinancialYear",
                "The date is before the beginning of the financial year",
                25008,
                "Date",
            )
        if lock is not None and day < lock:
            raise invalid(
                "BusinessEvent_DateOccured_InLockPeriod",
                f"The date is in the period locked prior to {lock:%d/%m/%Y}",
                4223,
                "Date",
            )


def changeable(books: Books) -> None:
    """Raises Refused where the company reverses transactions instead of changing them."""
    if books.preferences["System"]["TransactionsCannotBeChangedMustBeReversed"]:
        raise invalid(
            "TransactionsCannotBeDeleted",
            "Transactions cannot be changed or deleted, they must be reversed",
            25003,
        )
