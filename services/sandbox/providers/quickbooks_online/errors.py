"""QuickBooks faults: codes, messages and details as the vendor words them."""

from typing import Any

Wire = dict[str, Any]
VALIDATION = "ValidationFault"
DUPLICATE_NUMBER = (
    "Duplicate Document Number Error : You must specify a different number. "
    "This number has already been used."
)
INACTIVE = (
    "Object Not Found : Something you're trying to use has been made inactive. "
    "Check the fields with accounts, customers, items, vendors or employees."
)
BUSINESS = "A business validation error has occurred while processing your request"


class Invalid(Exception):
    """One object or call breaks a rule: the `Error` of a Fault, and the status of the answer."""

    def __init__(
        self,
        code: str,
        message: str,
        detail: str,
        element: str = "",
        *,
        status: int = 400,
        kind: str = VALIDATION,
    ) -> None:
        super().__init__(code, detail)
        self.code = code
        self.message = message
        self.detail = detail
        self.element = element
        self.status = status
        self.kind = kind

    def fault(self) -> Wire:
        """The `Fault` of the upper-case JSON form."""
        error = {
            "Message": self.message,
            "Detail": self.detail,
            "code": self.code,
            "element": self.element,
        }
        return {"Error": [error], "type": self.kind}


def required(element: str) -> Invalid:
    """2020."""
    message = "Required param missing, need to supply the required value for the API"
    return Invalid(
        "2020", message, f"Required parameter {element} is missing in the request", element
    )


def bad_id(value: object, element: str = "Id") -> Invalid:
    """2030."""
    return Invalid("2030", "Invalid ID", f"Invalid ID : {value}", element)


def too_long(element: str, longest: int, length: int) -> Invalid:
    """2050."""
    message = "String length is either shorter or longer than supported by specification"
    detail = (
        f"String length specified does not match the supported length. "
        f"Min:0 Max:{longest} supported. Supplied length:{length}"
    )
    return Invalid("2050", message, detail, element)


def bad_value(element: str, sort: str, value: object) -> Invalid:
    """2090 for a number or date that is none; the code is UNCONFIRMED."""
    return Invalid("2090", f"Invalid {sort}", f"Invalid {sort} : {value}", element)


def bad_choice(element: str, value: object) -> Invalid:
    """2170."""
    return Invalid("2170", "Invalid Enumeration", f"Invalid Enumeration : {value}", element)


def bad_email(element: str, value: str) -> Invalid:
    """2210."""
    detail = f"The email address does not conform to the syntax rules of RFC 822. {value}"
    return Invalid("2210", "Invalid Email Address format", detail, element)


def invalid_reference(path: str) -> Invalid:
    """2500: a wrong id."""
    return Invalid("2500", "Invalid Reference Id", f"Invalid Reference Id : {path}", path)


def not_found() -> Invalid:
    """610: no such object."""
    # Intuit words a missing object and an inactive reference alike; the texts differ by locale.
    return Invalid("610", "Object Not Found", "Object Not Found : Object Not Found")


def inactive(path: str) -> Invalid:
    """610: a record that is referred to is inactive."""
    return Invalid("610", "Object Not Found", INACTIVE, path)


def unlinkable(detail: str) -> Invalid:
    """620."""
    return Invalid(
        "620", "Transaction cannot be linked", f"Transaction cannot be linked : {detail}"
    )


def unsupported(detail: str, status: int = 400) -> Invalid:
    """500."""
    message = "Unsupported Operation"
    return Invalid("500", message, f"Unsupported Operation : {detail}", status=status)


def business(detail: str) -> Invalid:
    """6000: a rule of the business; the detail is for people."""
    return Invalid("6000", BUSINESS, f"Business Validation Error: {detail}")


def stale() -> Invalid:
    """5010: somebody else was faster."""
    detail = (
        "Stale Object Error : You and another user were working on this at the same time. "
        "Your work was not saved."
    )
    return Invalid("5010", "Stale Object Error", detail)


def no_feature(detail: str) -> Invalid:
    """5020: not in the plan, or switched off."""
    message = "Permission Denied Error"
    return Invalid("5020", message, f"{message} : {detail}")


def duplicate_name(holder: str) -> Invalid:
    """6240."""
    detail = (
        f"The name supplied already exists. : Another {holder} is already using this name. "
        "Please use a different name."
    )
    return Invalid("6240", "Duplicate Name Exists Error", detail)


def duplicate_number(addition: str) -> Invalid:
    """6140; that the detail names the holder is a habit of the company."""
    detail = DUPLICATE_NUMBER + (f" {addition}" if addition else "")
    return Invalid("6140", "Duplicate Document Number Error", detail)


def closed_books(code: str) -> Invalid:
    """6200 with a closing password, 6210 without, 5010 in one report: the text is the same."""
    detail = (
        "Account Period Closed : The account period has closed and the account books cannot be "
        "updated through the API. Please use the QuickBooks website to make these changes."
    )
    return Invalid(code, "Account Period Closed, Cannot Update Through Services API", detail)


def deposited() -> Invalid:
    """6540."""
    detail = (
        "This transaction has been deposited. If you want to change or delete it, "
        "you must edit the deposit it appears on and remove it first."
    )
    return Invalid("6540", "Deposited Transaction cannot be changed", detail)


def matched() -> Invalid:
    """6480."""
    detail = "This transaction is matched to a downloaded bank transaction or is reconciled."
    return Invalid("6480", "Transaction is matched", detail)


def bad_query(code: str, detail: str) -> Invalid:
    """4000 to 4002."""
    names = {"4000": "QueryParserError", "4001": "QueryValidationError"}
    name = names.get(code, "QueryValidationError")
    text = "Error parsing query" if code == "4000" else name
    return Invalid(code, text, f"{name}: {detail}")
