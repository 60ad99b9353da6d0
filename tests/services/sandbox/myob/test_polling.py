"""Change detection (dossier section 9)."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.services.sandbox.myob.client import MyobClient, ref
from tests.services.sandbox.server import Json

HISTORY = "/Report/JournalTransactionHistory"
SERVICE = "/Sale/Invoice/Service"


def since(moment: datetime) -> dict[str, str]:
    return {"$filter": f"LastModified gt datetime'{moment:%Y-%m-%dT%H:%M:%S}'"}


@pytest.mark.parametrize(
    "path",
    [
        *("/Contact/Customer", "/Contact/Supplier", "/Contact", "/Inventory/Item"),
        "/GeneralLedger/Account",
    ],
)
def test_last_modified_filters(myob: MyobClient, path: str) -> None:
    """works on `/Contact/*`; Items and Accounts reported."""
    assert myob.send("GET", path, params=since(datetime(2026, 1, 1, tzinfo=UTC))).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        *("/Sale/Invoice", SERVICE, "/Sale/CustomerPayment", "/Purchase/Bill"),
        *("/Purchase/SupplierPayment", "/Sale/CreditSettlement"),
    ],
)
def test_last_modified_of_documents_is_a_habit(myob: MyobClient, path: str) -> None:
    """UNCONFIRMED: probe each collection: 200 -> use it, 400 -> fall back."""
    probe = since(datetime(2026, 1, 1, tzinfo=UTC)) | {"$top": "1"}
    assert myob.send("GET", path, params=probe).status_code == 400
    myob.habit(sales_last_modified=True)
    assert myob.send("GET", path, params=probe).status_code == 200


def test_only_what_changed(myob: MyobClient) -> None:
    """A change is seen, with its stamp in UTC; what did not change is not."""
    old = myob.customer()
    myob.sandbox.advance(900)
    new = myob.customer()
    stamp = datetime.fromisoformat(new["LastModified"])
    found = myob.items("/Contact/Customer", **since(stamp - timedelta(minutes=10)))
    assert [row["UID"] for row in found] == [new["UID"]]
    myob.update("/Contact/Customer", old, Notes="again")
    found = myob.items("/Contact/Customer", **since(stamp - timedelta(minutes=10)))
    assert {row["UID"] for row in found} == {old["UID"], new["UID"]}


def test_changed_invoices(myob: MyobClient) -> None:
    """With the habit a payment shows as a change of its invoice."""
    myob.habit(sales_last_modified=True)
    invoice, _ = myob.untaxed(100), myob.untaxed(100)
    myob.sandbox.advance(900)
    paid = myob.pay(invoice, 100)
    cut = since(datetime.fromisoformat(paid["LastModified"]) - timedelta(minutes=10))
    assert [row["UID"] for row in myob.items("/Sale/Invoice", **cut)] == [invoice["UID"]]
    assert [row["UID"] for row in myob.items("/Sale/CustomerPayment", **cut)] == [paid["UID"]]


def test_local_stamps(myob: MyobClient) -> None:
    """Time stamps carry no zone; UTC or local is UNCONFIRMED."""
    utc = datetime.fromisoformat(myob.customer()["LastModified"])
    myob.habit(local_stamps=True)
    local = datetime.fromisoformat(myob.customer()["LastModified"])
    assert timedelta(hours=9) < local - utc < timedelta(hours=12)


def rows(myob: MyobClient, invoice: Json) -> list[str]:
    found = myob.items(HISTORY, **{"$filter": f"GroupUID eq guid'{invoice['UID']}'"})
    return [row["OperationType"] for row in found]


def test_the_history_tells_of_edits_and_deletes(myob: MyobClient) -> None:
    """the one feed that shows edits and deletes of sales and payments."""
    invoice = myob.untaxed(100)
    paid = myob.pay(invoice, 100)
    myob.delete("/Sale/CustomerPayment", paid)
    changed = myob.update(SERVICE, invoice, Lines=[myob.line(70)])
    myob.delete(SERVICE, changed)
    assert rows(myob, invoice) == ["Added", "Edited", "Deleted"]
    assert rows(myob, paid) == ["Added", "Deleted"]
    [first] = myob.items(HISTORY, **{"$top": 1})
    assert first["JournalType"] == "Sale"
    assert first["SourceTransaction"]["UID"] == invoice["UID"]
    assert first["SourceTransaction"]["TransactionType"] == "Invoice"
    assert {"DateOccurred", "DatePosted", "GroupUID", "Lines"} <= set(first)
    types = {row["JournalType"] for row in myob.items(HISTORY)}
    assert types == {"Sale", "CashReceipt"}


def test_filtering_the_history_is_a_habit(myob: MyobClient) -> None:
    """if `$filter=DatePosted gt …` works (UNCONFIRMED, probe)."""
    myob.untaxed(100)
    probe = {"$filter": "DatePosted gt datetime'2026-01-01T00:00:00'"}
    assert myob.send("GET", HISTORY, params=probe).status_code == 400
    myob.habit(history_date_posted=True)
    assert len(myob.items(HISTORY, **probe)) == 1
    myob.sandbox.advance(900)
    late = myob.untaxed(50)
    stamp = datetime.fromisoformat(myob.items(HISTORY)[-1]["DatePosted"]) - timedelta(minutes=5)
    probe = {"$filter": f"DatePosted ge datetime'{stamp:%Y-%m-%dT%H:%M:%S}'"}
    assert [row["GroupUID"] for row in myob.items(HISTORY, **probe)] == [late["UID"]]


def test_the_journal(myob: MyobClient) -> None:
    """ledger lines also at `/GeneralLedger/JournalTransaction`: what stands now."""
    invoice = myob.untaxed(100)
    [row] = myob.items("/GeneralLedger/JournalTransaction")
    sides = {line["IsCredit"]: line["Amount"] for line in row["Lines"]}
    assert sides == {True: 100, False: 100}
    assert row["DisplayID"] == invoice["Number"]
    myob.delete(SERVICE, invoice)
    assert myob.items("/GeneralLedger/JournalTransaction") == []


def test_a_bookkeepers_work_is_seen(myob: MyobClient) -> None:
    """Payments in MYOB are seen by polling; a merged card is gone."""
    card = ref(myob.customer())
    invoice = myob.untaxed(100, Customer=card)
    paid = myob.do("pay", id=invoice["UID"], amount="30", date="2026-09-05")
    assert myob.items("/Sale/CustomerPayment")[0]["UID"] == paid["UID"]
    assert myob.due(invoice) == 70
    into = myob.customer()
    myob.do("merge", id=card["UID"], into=into["UID"])
    assert myob.send("GET", f"/Contact/Customer/{card['UID']}").status_code == 404
    assert myob.read(SERVICE, invoice)["Customer"]["UID"] == into["UID"]
    assert myob.read("/Contact/Customer", into)["CurrentBalance"] == 70
