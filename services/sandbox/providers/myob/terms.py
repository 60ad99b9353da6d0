"""Payment terms: ranges, and the dates they come to."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal

from services.sandbox.providers.myob.errors import Refused, invalid, required
from services.sandbox.providers.myob.fields import Row
from services.sandbox.providers.myob.money import HUNDRED, ZERO, rounded

LONGEST = 999
DAYS_OF_MONTH = frozenset({"OnADayOfTheMonth", "DayOfMonthAfterEOM"})
PLAIN: Row = {
    "PaymentIsDue": "InAGivenNumberOfDays",
    "DiscountDate": 0,
    "BalanceDueDate": 30,
    "DiscountForEarlyPayment": ZERO,
    "MonthlyChargeForLatePayment": ZERO,
}
"""What a new company file offers."""
ZEROS: Row = {**PLAIN, "BalanceDueDate": 0}


def given(terms: Row) -> bool:
    """Did a body say anything of terms?"""
    return any(terms.get(key) is not None for key in PLAIN)


def checked(terms: Row) -> Row:
    """With zeros for what is absent; raises Refused `Term_Out_Of_Range`."""
    if terms["PaymentIsDue"] is None:
        raise Refused(400, required("Terms/PaymentIsDue"))
    terms = {key: ZEROS[key] if terms.get(key) is None else terms[key] for key in PLAIN}
    lowest, highest = (1, 31) if terms["PaymentIsDue"] in DAYS_OF_MONTH else (0, LONGEST)
    fits = lowest <= terms["BalanceDueDate"] <= highest and 0 <= terms["DiscountDate"] <= LONGEST
    if not fits:
        raise invalid("Term_Out_Of_Range", "The terms are out of range", None, "Terms")
    return terms


def completed(terms: Row, day: date, total: Decimal) -> Row:
    """With the dates and the discount of a document of this day."""
    share = terms["DiscountForEarlyPayment"] / HUNDRED
    return {
        **terms,
        "DiscountExpiryDate": day + timedelta(days=terms["DiscountDate"]),
        "Discount": rounded(total * share),
        "DueDate": due(terms, day),
        "FinanceCharge": ZERO,
    }


def due(terms: Row, day: date) -> date:
    """When the balance is due."""
    kind, number = terms["PaymentIsDue"], terms["BalanceDueDate"]
    if kind == "InAGivenNumberOfDays":
        return day + timedelta(days=number)
    if kind == "NumberOfDaysAfterEOM":
        return _in_month(day, 31) + timedelta(days=number)
    if kind == "DayOfMonthAfterEOM":
        return _in_month(_next_month(day), number)
    if kind == "OnADayOfTheMonth":
        this = _in_month(day, number)
        return this if this >= day else _in_month(_next_month(day), number)
    return day


def _in_month(day: date, number: int) -> date:
    return day.replace(day=min(number, monthrange(day.year, day.month)[1]))


def _next_month(day: date) -> date:
    return day.replace(day=28) + timedelta(days=4)
