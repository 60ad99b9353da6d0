"""Reads against answers of the dossier: pages, the change log, what is missing or lags."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from contracts.values import EntityType
from libs.connector import wire
from libs.connector.errors import RateLimited, Unavailable
from libs.connector.interface import Answer, Wanted
from services.connectors.quickbooks_online import errors, query
from tests.services.connectors.quickbooks_online import around
from tests.services.connectors.quickbooks_online.around import QBO

NOW = datetime.now(UTC).replace(microsecond=0)
TIME = "2026-03-09T08:04:05.000-07:00"


@dataclass(slots=True)
class Replay:
    """Answers in turn; implements `interface.Session`."""

    answers: Sequence[Any]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    company: str = "company"

    async def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        del headers
        self.asked.append((path, dict(params or {})))
        body = self.answers[len(self.asked) - 1]
        if isinstance(body, Exception):
            raise body
        return Answer(200, {}, wire.encode(body))


def shown(resource: str, *found: Mapping[str, Any]) -> dict[str, Any]:
    return {"QueryResponse": {resource: list(found)} if found else {}, "time": TIME}


def invoice(identity: str, at: datetime = NOW, **more: Any) -> dict[str, Any]:
    changed = {"LastUpdatedTime": at.isoformat()}
    return {"Id": identity, "SyncToken": "0", "TotalAmt": Decimal(1), "MetaData": changed, **more}


async def test_one_record_is_asked_for_by_its_address() -> None:
    session = Replay([{"Invoice": invoice("145"), "time": TIME}])
    found = await QBO.read(session, EntityType.INVOICE, {"145": ()})
    assert session.asked == [("/invoice/145", {})]
    assert found["145"].version == "0"


async def test_what_a_query_misses_is_asked_for_alone() -> None:
    """A query may lag behind a create; only the address tells that there is none (610)."""
    gone = errors.Missing("gone")
    session = Replay([shown("Invoice", invoice("1")), {"Invoice": invoice("2")}, gone])
    found = await QBO.read(session, EntityType.INVOICE, {"1": (), "2": (), "3": ()})
    assert set(found) == {"1", "2"}
    assert "Id IN ('1', '2', '3')" in session.asked[0][1]["query"]
    assert [path for path, _ in session.asked[1:]] == ["/invoice/2", "/invoice/3"]


async def test_inactive_rows_of_lists_are_asked_for() -> None:
    session = Replay([shown("Customer"), shown("Vendor")])
    assert [page async for page in QBO.changes(session, EntityType.CONTACT, None)] == []
    assert all("Active IN (true, false)" in params["query"] for _, params in session.asked)


async def test_a_contact_has_its_other_record_beside_it() -> None:
    both = [
        {"Customer": {"Id": "58", "SyncToken": "1", "DisplayName": "A", "Active": True}},
        {"Vendor": {"Id": "60", "SyncToken": "2", "DisplayName": "A (supplier)", "Active": True}},
    ]
    found = await QBO.read(Replay(both), EntityType.CONTACT, {"Customer/58": ("Vendor/60",)})
    record = found["Customer/58"]
    assert [part.id for part in record.parts] == ["Vendor/60"]
    entity = QBO.entity(record, around.context())
    assert (entity.customer, entity.supplier) == (True, True)  # type: ignore[union-attr]


async def test_a_supplier_record_nobody_knew_belongs_to_its_customer() -> None:
    notes = f"ls-{around.MARKER[3:]}"
    vendor = {"Id": "60", "SyncToken": "0", "DisplayName": "O'Neil (supplier)", "Notes": notes}
    customer = {"Id": "58", "DisplayName": "O'Neil", "Notes": around.MARKER}
    session = Replay([{"Vendor": vendor}, shown("Customer", customer)])
    found = await QBO.read(session, EntityType.CONTACT, {"Vendor/60": ()})
    assert found["Vendor/60"].belongs_to is not None
    assert found["Vendor/60"].belongs_to.record == "Customer/58"
    assert session.asked[1][1]["query"].endswith(r"WHERE DisplayName = 'O\'Neil'")


def settlement(identity: str, memo: str, invoice_id: str, amount: str) -> dict[str, Any]:
    lines = [
        {"Amount": Decimal(amount), "LinkedTxn": [{"TxnId": one, "TxnType": kind}]}
        for one, kind in ((invoice_id, "Invoice"), (memo, "CreditMemo"))
    ]
    return {"Id": identity, "SyncToken": "0", "TotalAmt": Decimal(0), "Line": lines}


def memo(remaining: str, **more: Any) -> dict[str, Any]:
    return {
        "Id": "9",
        "SyncToken": "0",
        "TotalAmt": Decimal(50),
        "RemainingCredit": Decimal(remaining),
        "CustomerRef": {"value": "58"},
        **more,
    }


async def test_a_credit_note_names_what_applies_it() -> None:
    linked = memo("30", LinkedTxn=[{"TxnId": "77", "TxnType": "Payment"}])
    session = Replay([{"CreditMemo": linked}, {"Payment": settlement("77", "9", "145", "20")}])
    record = (await QBO.read(session, EntityType.CREDIT_NOTE, {"9": ()}))["9"]
    assert [(part.type, part.id) for part in record.parts] == [("payment", "Payment/77")]
    assert record.balance == Decimal(30)


async def test_a_credit_note_that_names_nothing_is_searched_for_by_its_customer() -> None:
    session = Replay(
        [{"CreditMemo": memo("30")}, shown("Payment", settlement("77", "9", "1", "20"))]
    )
    record = (await QBO.read(session, EntityType.CREDIT_NOTE, {"9": ()}))["9"]
    assert [part.id for part in record.parts] == ["Payment/77"]
    assert "CustomerRef = '58'" in session.asked[1][1]["query"]


async def test_a_payment_of_nothing_belongs_to_its_credit_note() -> None:
    session = Replay([{"Payment": settlement("77", "9", "145", "20")}])
    found = await QBO.read(session, EntityType.PAYMENT, {"Payment/77": ()})
    belongs = found["Payment/77"].belongs_to
    assert belongs is not None
    assert (belongs.type, belongs.record) == (EntityType.CREDIT_NOTE, "9")


# Lists


async def test_the_change_log_shows_deletes_oldest_first() -> None:
    deleted = {
        "domain": "QBO",
        "status": "Deleted",
        "Id": "131",
        "MetaData": {"LastUpdatedTime": "2026-03-09T08:03:00-07:00"},
    }
    body = {
        "CDCResponse": [{"QueryResponse": [{"Invoice": [invoice("145"), deleted]}, {}]}],
        "time": TIME,
    }
    session = Replay([body])
    since = NOW - timedelta(hours=1)
    (page,) = [page async for page in QBO.changes(session, EntityType.INVOICE, since)]
    assert [(one.id, one.state) for one in page] == [("131", "deleted"), ("145", "live")]
    assert page[0].as_of == datetime(2026, 3, 9, 15, 4, 5, tzinfo=UTC)
    asked = {"entities": "Invoice", "changedSince": since.isoformat()}
    assert session.asked == [("/cdc", asked)]


async def test_a_full_change_log_is_asked_for_by_queries() -> None:
    many = [invoice(str(n)) for n in range(999)] + [{"Id": "x", "status": "Deleted"}]
    log = {"CDCResponse": [{"QueryResponse": [{"Invoice": many}]}], "time": TIME}
    session = Replay([log, shown("Invoice", invoice("1"))])
    since = NOW - timedelta(hours=1)
    pages = [page async for page in QBO.changes(session, EntityType.INVOICE, since)]
    assert [[one.id for one in page] for page in pages] == [["x"], ["1"]]
    assert "MetaData.LastUpdatedTime >=" in session.asked[1][1]["query"]


async def test_what_is_older_than_the_log_is_asked_for_by_queries() -> None:
    session = Replay([shown("Invoice")])
    since = NOW - timedelta(days=40)
    assert [page async for page in QBO.changes(session, EntityType.INVOICE, since)] == []
    assert [path for path, _ in session.asked] == ["/query"]


async def test_the_next_page_begins_at_the_time_of_the_last() -> None:
    """What is edited meanwhile moves to the end; it pulls nothing over the edge of a page."""
    start = NOW - timedelta(days=1)
    first = [invoice(str(n), start + timedelta(seconds=n)) for n in range(query.PAGE)]
    second = [first[-1], invoice("new", NOW)]
    session = Replay([shown("Invoice", *first), shown("Invoice", *second)])
    pages = [page async for page in QBO.changes(session, EntityType.INVOICE, None)]
    assert [len(page) for page in pages] == [query.PAGE, 1]
    asked = session.asked[1][1]["query"]
    assert f"LastUpdatedTime >= '{(start + timedelta(seconds=999)).isoformat()}'" in asked
    assert "STARTPOSITION 1 " in asked


async def test_a_page_of_one_moment_is_followed_by_its_place() -> None:
    same = [invoice(str(n)) for n in range(query.PAGE)]
    session = Replay([shown("Invoice", *same), shown("Invoice", *same), shown("Invoice")])
    pages = [page async for page in QBO.changes(session, EntityType.INVOICE, None)]
    assert sum(len(page) for page in pages) == query.PAGE
    assert f"STARTPOSITION {query.PAGE + 1} " in session.asked[2][1]["query"]


async def test_the_census_counts_all_resources_of_a_kind() -> None:
    session = Replay([shown("Customer", {"Id": "1"}), shown("Vendor", {"Id": "2"})])
    assert await QBO.census(session, EntityType.CONTACT) == ["Customer/1", "Vendor/2"]
    assert all("Active IN (true, false)" in params["query"] for _, params in session.asked)
    assert session.asked[0][1]["query"].startswith("select Id from Customer")


# Searches


def wanted(**more: Any) -> Wanted:
    default: dict[str, Any] = {"number": "INV-1", "since": NOW - timedelta(minutes=2)}
    return Wanted(EntityType.INVOICE, "i1", around.MARKER, **default | more)


async def test_a_lost_create_is_found_by_its_marker_among_what_changed_since() -> None:
    ours = invoice("7", PrivateNote=f"Job: x\n{around.MARKER}")
    numbered = invoice("8", DocNumber="INV-1")
    session = Replay([shown("Invoice", invoice("6"), ours, numbered)])
    found = await QBO.find(session, EntityType.INVOICE, [wanted()])
    assert [(one.id, one.marker) for one in found] == [("7", around.MARKER), ("8", "")]
    assert "LastUpdatedTime >=" in session.asked[0][1]["query"]


async def test_a_lost_side_record_shows_its_main_record() -> None:
    made = {"Id": "60", "SyncToken": "0", "DisplayName": "A", "Notes": f"ls-{around.MARKER[3:]}"}
    main = {"Customer": {"Id": "58", "SyncToken": "1", "DisplayName": "A", "Notes": around.MARKER}}
    search = wanted(record="Customer/58", number="")
    session = Replay([shown("Customer"), shown("Vendor", made), main, {"Vendor": made}])
    (found,) = await QBO.find(session, EntityType.CONTACT, [search])
    assert (found.id, [part.id for part in found.parts]) == ("Customer/58", ["Vendor/60"])
    none = Replay([shown("Customer"), shown("Vendor")])
    assert await QBO.find(none, EntityType.CONTACT, [search]) == []


# Faults


async def test_faults_that_come_with_200_are_told_like_others() -> None:
    def fault(code: str) -> dict[str, Any]:
        return {"Fault": {"Error": [{"Message": "m", "Detail": "d", "code": code}], "type": "X"}}

    for code, error in (("3001", RateLimited), ("4001", Unavailable), ("10000", Unavailable)):
        with pytest.raises(error):
            await QBO.read(Replay([fault(code)]), EntityType.INVOICE, {"1": ()})
    assert await QBO.read(Replay([fault("610")]), EntityType.INVOICE, {"1": ()}) == {}


async def test_a_bundle_is_no_item_of_ours() -> None:
    bundle = {"Id": "3", "SyncToken": "0", "Name": "Kit", "Type": "Group"}
    assert await QBO.read(Replay([{"Item": bundle}]), EntityType.ITEM, {"3": ()}) == {}


# All kinds in one call


def log(*found: tuple[str, Mapping[str, Any]]) -> dict[str, Any]:
    shown = [{name: [raw], "startPosition": 1} for name, raw in found]
    return {"CDCResponse": [{"QueryResponse": [*shown, {}]}], "time": TIME}


async def test_one_call_shows_what_changed_of_all_kinds() -> None:
    session = Replay([log(("Invoice", invoice("1")), ("Item", {"Id": "2", "Type": "Category"}))])
    since = {EntityType.INVOICE: NOW - timedelta(hours=1), EntityType.ITEM: NOW}
    found = [pair async for pair in QBO.changes_together(session, since)]
    assert [(kind, [record.id for record in page]) for kind, page in found] == [
        (EntityType.INVOICE, ["1"])
    ]
    ((path, asked),) = session.asked
    assert (path, asked["entities"]) == ("/cdc", "Invoice,Item")
    assert asked["changedSince"] == query.literal(NOW - timedelta(hours=1))


async def test_a_change_log_that_is_full_is_asked_for_kind_by_kind() -> None:
    """Whatever fills it: a thousand categories leave no room for an invoice."""
    full = {"Item": [{"Id": str(n), "Type": "Category"} for n in range(1000)]}
    answers = [
        {"CDCResponse": [{"QueryResponse": [full]}], "time": TIME},
        log(("Invoice", invoice("1"))),
        log(),
    ]
    session = Replay(answers)
    since = {EntityType.INVOICE: NOW, EntityType.ITEM: NOW}
    found = [kind async for kind, _ in QBO.changes_together(session, since)]
    assert found == [EntityType.INVOICE]
    assert [asked["entities"] for _, asked in session.asked] == ["Invoice,Item", "Invoice", "Item"]
