"""Errors, versions, periods, quirks (dossier sections 8, 10 and 11)."""

from typing import Any
from uuid import uuid4

import pytest

from tests.services.sandbox.myob.client import DAY, MyobClient, ref

SERVICE = "/Sale/Invoice/Service"
NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize("name", ["UID", "RowVersion"])
def test_identity_in_a_post(myob: MyobClient, name: str) -> None:
    """A client-supplied `UID` is not accepted on POST (409)."""
    body = myob.sale()
    myob.refuse("POST", SERVICE, body | {name: str(uuid4())}, "Conflict", status=409)
    assert myob.create(SERVICE, body | {"UID": NOBODY, "RowVersion": None})["UID"] != NOBODY


def test_row_ids_in_a_post(myob: MyobClient) -> None:
    """POST must **not** carry `RowID`, `RowVersion` (-> 409)."""
    body = myob.sale(Lines=[myob.line(RowID=5)])
    myob.refuse("POST", SERVICE, body, "Conflict", status=409)
    assert myob.create(SERVICE, myob.sale(Lines=[myob.line(RowID=0)]))


def test_a_stale_version(myob: MyobClient) -> None:
    """stale or missing -> 409 `IncorrectRowVersionSupplied` 111."""
    made = myob.invoice()
    fresh = myob.update(SERVICE, made, Comment="one")
    path = f"{SERVICE}/{made['UID']}"
    for version in (made["RowVersion"], None, "0"):
        body = fresh | {"RowVersion": version}
        myob.refuse("PUT", path, body, "IncorrectRowVersionSupplied", 111, 409)
    assert myob.update(SERVICE, made, Comment="two")["Comment"] == "two"


def test_a_stale_line(myob: MyobClient) -> None:
    """`RowVersion` on each line with its `RowID` in PUT."""
    made = myob.invoice()
    path, [line] = f"{SERVICE}/{made['UID']}", made["Lines"]
    for wrong in ({"RowVersion": "0"}, {"RowVersion": None}):
        body = made | {"Lines": [line | wrong]}
        myob.refuse("PUT", path, body, "IncorrectRowVersionSupplied", 111, 409)
    body = made | {"Lines": [line | {"RowID": 999_999}]}
    myob.refuse("PUT", path, body, "NotFound", 150)


def test_put_needs_the_uid(myob: MyobClient) -> None:
    """full replace, needs `UID` + `RowVersion`."""
    made = myob.invoice()
    path = f"{SERVICE}/{made['UID']}"
    myob.refuse("PUT", path, made | {"UID": None}, "Required", 100)
    other = made | {"UID": myob.invoice()["UID"]}
    myob.refuse("PUT", path, other, "IncorrectRowVersionSupplied", status=409)


def test_versions_are_opaque(myob: MyobClient) -> None:
    """`RowVersion` is opaque: compare for equality only; a text, or (live detail) a number."""
    made = myob.customer()
    versions = [int(made["RowVersion"])]
    for at in range(8):
        made = myob.update("/Contact/Customer", made, Notes=str(at))
        versions.append(int(made["RowVersion"]))
    assert versions not in (sorted(versions), sorted(versions, reverse=True))
    myob.habit(numeric_row_versions=True, omit_nulls=True)
    numeric = myob.read("/Contact/Customer", made)
    assert isinstance(numeric["RowVersion"], int)
    assert "LastName" not in numeric
    assert myob.update("/Contact/Customer", made, Notes="y")["Notes"] == "y"


UNREADABLE: list[dict[str, Any]] = [
    {"Date": "soon"},
    {"Date": "2026-09-01T00:00:00Z"},
    {"Date": 20260901},
    {"Customer": {"UID": "nobody"}},
    {"Customer": "nobody"},
    {"IsTaxInclusive": "yes"},
    {"Freight": "five"},
    {"Lines": {}},
    {"Lines": [5]},
    {"Number": 7},
    {"Nonsense": 1},
]


@pytest.mark.parametrize("fields", UNREADABLE)
def test_unreadable(myob: MyobClient, fields: dict[str, Any]) -> None:
    """bad type/GUID: 400 `SerializationError` 50; POST without a zone."""
    myob.refuse("POST", SERVICE, myob.sale() | fields, "SerializationError", 50)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"Date": NaN}', "[" * 5000])
def test_no_json(myob: MyobClient, content: str) -> None:
    answer = myob.send("POST", SERVICE, content=content)
    assert answer.status_code == 400
    assert answer.json()["Errors"][0]["Name"] == "SerializationError"


def test_unknown_properties(myob: MyobClient) -> None:
    """unknown properties are ignored or fail with 50 (UNCONFIRMED)."""
    myob.habit(unknown_properties_fail=False)
    assert "Nonsense" not in myob.create(SERVICE, myob.sale() | {"Nonsense": 1})


@pytest.mark.parametrize("date", ["2026-09-01", "2026-09-01T00:00:00.000", "2026-09-01 00:00:00"])
def test_dates(myob: MyobClient, date: str) -> None:
    """Dates `YYYY-MM-DDTHH:mm:ss` (milliseconds occasionally); documents use midnight."""
    assert myob.invoice(Date=date)["Date"] == DAY


@pytest.mark.parametrize("place", ["Customer", "Account", "TaxCode", "Category"])
def test_dead_references(myob: MyobClient, place: str) -> None:
    """dead reference: 400 `NotFound` 150."""
    dead = {"UID": str(uuid4())}
    line = {place: dead} if place in {"Account", "TaxCode"} else {}
    head = {} if line else {place: dead}
    body = myob.sale(Lines=[myob.line(**line)]) | head
    myob.refuse("POST", SERVICE, body, "NotFound", 150)


def test_the_reversal_switch(myob: MyobClient) -> None:
    """PUT/DELETE are refused (25003) and a reversal (negative copy) must be posted instead."""
    made = myob.untaxed(100)
    paid = myob.pay(made, 40)
    myob.do("preferences", changes={"TransactionsCannotBeChangedMustBeReversed": True})
    path = f"{SERVICE}/{made['UID']}"
    made = myob.read(SERVICE, made)
    myob.refuse("PUT", path, made, "TransactionsCannotBeDeleted", 25003)
    for gone in (path, f"/Sale/CustomerPayment/{paid['UID']}"):
        myob.refuse("DELETE", gone, None, "TransactionsCannotBeDeleted", 25003)
    copy = myob.do("reverse", id=made["UID"])
    assert (copy["TotalAmount"], copy["Status"]) == (-100, "Credit")
    myob.update("/Contact/Customer", ref(made["Customer"]), Notes="cards are not transactions")


def test_the_locked_period(myob: MyobClient) -> None:
    """`LockPeriodPriorTo` blocks older dates: 400 `BusinessEvent_DateOccured_InLockPeriod`."""
    made = myob.untaxed(100)
    paid = myob.pay(made, 40, Date=DAY)
    myob.do("lock", period_lock_date="2026-09-01")
    lock = myob.call("GET", "/Company/Preferences")["System"]["LockPeriodPriorTo"]
    assert lock == "2026-09-02T00:00:00"
    name, path = "BusinessEvent_DateOccured_InLockPeriod", f"{SERVICE}/{made['UID']}"
    made = myob.read(SERVICE, made)
    myob.refuse("POST", SERVICE, myob.sale(), name, 4223)
    myob.refuse("PUT", path, made | {"Date": "2026-09-05T00:00:00"}, name, 4223)
    myob.refuse("DELETE", f"/Sale/CustomerPayment/{paid['UID']}", None, name, 4223)
    body = myob.payment((made, 10), Date=DAY)
    myob.refuse("POST", "/Sale/CustomerPayment", body, name, 4223)
    myob.invoice(Date="2026-09-02T00:00:00")
    assert myob.create("/Sale/Order/Service", myob.sale())["Status"] == "Open"


def test_before_the_financial_year(myob: MyobClient) -> None:
    """before financial year: 400 `DatePriorToBeginningOfFinancialYear` 25008."""
    body = myob.sale(Date="2008-06-30T00:00:00")
    myob.refuse("POST", SERVICE, body, "DatePriorToBeginningOfFinancialYear", 25008)
    myob.do("lock", end_of_year_lock_date="2026-06-30")
    body = myob.sale(Date="2026-06-30T00:00:00")
    myob.refuse("POST", SERVICE, body, "DatePriorToBeginningOfFinancialYear", 25008)


def test_nothing_of_a_refused_call_stands(myob: MyobClient) -> None:
    """A refused write leaves no record, no journal, no balance."""
    card = myob.customer()
    before = myob.sandbox.documents(myob.company)
    body = myob.sale(
        Customer=ref(card), Terms={"PaymentIsDue": "OnADayOfTheMonth", "BalanceDueDate": 99}
    )
    assert myob.send("POST", SERVICE, json=body).status_code == 400
    body = myob.sale(Customer=ref(card), Order=ref(myob.create("/Sale/Order/Service", myob.sale())))
    assert myob.send("POST", SERVICE, json=body).status_code == 400
    after = myob.sandbox.documents(myob.company)
    assert after["Sale/Invoice"] == before["Sale/Invoice"] == []
    path = f"/companies/{myob.company}/journal"
    assert myob.sandbox.control("GET", path)["entries"] == []
