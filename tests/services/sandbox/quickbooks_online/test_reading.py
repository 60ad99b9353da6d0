"""Queries, change data capture, batches: dossier sections 3 and 9."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.services.sandbox.quickbooks_online.client import Qbo, fault, token_of, unique
from tests.services.sandbox.quickbooks_online.oauth import authorize, back


def ago(**span: float) -> str:
    """A moment before now, as a client writes it."""
    return (datetime.now(UTC) - timedelta(**span)).isoformat(timespec="seconds")


def test_paging(qbo: Qbo) -> None:
    """Section 3: STARTPOSITION is 1-based, MAXRESULTS 100 by default and 1000 at most."""
    qbo.call("POST", "/batch", json={"BatchItemRequest": [
        {"bId": str(i), "operation": "create", "Customer": {"DisplayName": f"C{i:03}"}}
        for i in range(25)
    ]})  # fmt: skip
    page = qbo.query("select * from Customer startposition 11 maxresults 10")
    assert (page["startPosition"], page["maxResults"], len(page["Customer"])) == (11, 10, 10)
    assert qbo.query("SELECT COUNT(*) FROM Customer") == {"totalCount": 25}
    assert qbo.query("select * from Customer startposition 26") == {}
    error = qbo.bad_query("select * from Customer startposition 0")
    assert error["code"] == "4001"
    assert error["Detail"] == "QueryValidationError: value 0 is too small. Min allowed value is 1"
    assert qbo.bad_query("select * from Customer maxresults 1001")["code"] == "4001"
    assert len(qbo.rows("select * from Customer maxresults 1000")) == 25


def test_default_page(qbo: Qbo) -> None:
    """Section 3: a hundred rows without MAXRESULTS."""
    for start in range(0, 120, 30):
        items = [
            {"bId": str(i), "operation": "create", "Customer": {"DisplayName": f"P{i:03}"}}
            for i in range(start, start + 30)
        ]
        qbo.call("POST", "/batch", json={"BatchItemRequest": items})
    assert len(qbo.rows("select * from Customer")) == 100


def test_conditions(qbo: Qbo) -> None:
    """Section 3: operators, LIKE with %, IN, AND, ORDERBY, escapes, projections."""
    name = unique("O'Brien")
    made = qbo.customer(DisplayName=name, FamilyName="O'Brien")
    quoted = name.replace("'", "\\'")
    assert len(qbo.rows(f"select * from Customer where DisplayName = '{quoted}'")) == 1
    assert len(qbo.rows("select * from Customer where DisplayName LIKE 'O\\'Br%'")) == 1
    ids = [qbo.invoice(amount)["Id"] for amount in (30, 10, 20)]
    found = qbo.rows("select * from Invoice where TotalAmt >= '15' ORDERBY TotalAmt DESC")
    assert [row["Id"] for row in found] == [ids[0], ids[2]]
    listed = ", ".join(f"'{id_}'" for id_ in ids[:2])
    assert len(qbo.rows(f"select * from Invoice where Id IN ({listed})")) == 2
    both = "select * from Invoice where TotalAmt > '5' AND TotalAmt < '15' order by Id"
    assert [row["Id"] for row in qbo.rows(both)] == [ids[1]]
    [row] = qbo.rows(f"select DisplayName from Customer where Id = '{made['Id']}'")
    assert set(row) == {"domain", "sparse", "Id", "SyncToken", "MetaData", "DisplayName"}
    owner = qbo.read("Invoice", ids[0])["CustomerRef"]["value"]
    assert len(qbo.rows(f"select * from Invoice where CustomerRef = '{owner}'")) == 1
    assert len(qbo.rows("select * from Invoice where Balance > '0'")) == 3


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("select * from Invoice where DocNumber = '1' OR DocNumber = '2'", "4000"),
        ("select * from Invoice where NOT DocNumber = '1'", "4000"),
        ("select * from Invoice group by DocNumber", "4000"),
        ("select * from Invoice where DocNumber != '1'", "4000"),
        ('select * from Invoice where DocNumber = "1"', "4000"),
        ("select * from Invoice where DocNumber = '1", "4000"),
        ("update Invoice", "4000"),
        ("select * from Nonsense", "4001"),
        ("select * from Invoice where Nonsense = '1'", "4001"),
        ("select * from Invoice where PrivateNote = 'x'", "4001"),
        ("select * from Invoice where MetaData.LastUpdatedTime > 'x'", "4001"),
    ],
)
def test_bad_queries(qbo: Qbo, text: str, code: str) -> None:
    """Sections 3, 8 and 10: no OR, JOIN, GROUP BY, NOT; 4000 to 4002."""
    assert qbo.bad_query(text)["code"] == code


def test_post_query_and_habits(qbo: Qbo) -> None:
    """Section 3: POST as application/text; letters beyond ASCII have failed; section 8 notes."""
    qbo.invoice(PrivateNote="src:1")
    for kind in ("application/text", "text/plain"):
        headers = {"Content-Type": kind}
        answer = qbo.call("POST", "/query", content=b"select * from Invoice", headers=headers)
        assert len(answer["QueryResponse"]["Invoice"]) == 1
    assert qbo.rows("select * from Customer where DisplayName = 'Zoë'") == []
    qbo.settings(ascii_queries=True, note_is_filterable=True)
    assert qbo.bad_query("select * from Customer where DisplayName = 'Zoë'")["code"] == "4000"
    assert len(qbo.rows("select * from Invoice where PrivateNote = 'src:1'")) == 1
    headers = {"Content-Type": "application/text"}
    broken = qbo.send("POST", "/query", content=b"select * from \xff", headers=headers)
    assert fault(broken, 500)["code"] == "500"


def test_ids_compare(qbo: Qbo) -> None:
    """Section 3, UNCONFIRMED: Id compares as a string on some entities."""
    for _ in range(10):
        qbo.invoice()
    ids = [row["Id"] for row in qbo.rows("select * from Invoice where Id > '2' ORDERBY Id")]
    assert "10" not in ids
    qbo.settings(id_compares_as="number")
    ids = [row["Id"] for row in qbo.rows("select * from Invoice where Id > '2' ORDERBY Id")]
    assert ids[-1] == "10"


def test_changed_since(qbo: Qbo) -> None:
    """Sections 3 and 11: by MetaData.LastUpdatedTime, any offset, to the second."""
    old = qbo.invoice()
    qbo.sandbox.advance(600)
    qbo.token = qbo.token
    new = qbo.invoice()
    since = new["MetaData"]["LastUpdatedTime"]
    text = f"select * from Invoice where MetaData.LastUpdatedTime >= '{since}'"
    assert [row["Id"] for row in qbo.rows(text)] == [new["Id"]]
    ordered = "select * from Invoice ORDERBY MetaData.LastUpdatedTime"
    qbo.post("Invoice", token_of(old) | {"sparse": True, "PrivateNote": "x"})
    assert [row["Id"] for row in qbo.rows(ordered)] == [new["Id"], old["Id"]]
    qbo.settings(query_lag_seconds=60)
    late = qbo.invoice()
    assert qbo.rows(f"select * from Invoice where Id = '{late['Id']}'") == []
    assert qbo.read("Invoice", late["Id"])["Id"] == late["Id"]


def cdc(qbo: Qbo, entities: str, since: str) -> list[dict[str, object]]:
    """The QueryResponses of a change data capture."""
    params = {"entities": entities, "changedSince": since}
    body = qbo.call("GET", "/cdc", params=params)
    [answer] = body["CDCResponse"]
    found: list[dict[str, object]] = answer["QueryResponse"]
    return found


def test_cdc(qbo: Qbo) -> None:
    """Section 9: full objects and deletes, one QueryResponse per entity in order, {} for none."""
    kept, gone = qbo.invoice(), qbo.invoice()
    qbo.post("Invoice", token_of(gone), operation="delete")
    invoices, payments, customers = cdc(qbo, "Invoice,Payment,Customer", ago(minutes=5))
    assert payments == {}
    assert len(customers["Customer"]) == 2  # type: ignore[arg-type]
    by_id = {row["Id"]: row for row in invoices["Invoice"]}  # type: ignore[attr-defined]
    assert by_id[kept["Id"]]["TotalAmt"] == 100
    assert by_id[gone["Id"]]["status"] == "Deleted"
    assert set(by_id[gone["Id"]]) == {"domain", "status", "Id", "MetaData"}
    assert (invoices["startPosition"], invoices["maxResults"], invoices["totalCount"]) == (1, 2, 2)
    assert cdc(qbo, "Invoice", ago(minutes=-5)) == [{}]
    last = by_id[kept["Id"]]["MetaData"]["LastUpdatedTime"]
    assert cdc(qbo, "Invoice", last) != [{}]


def test_cdc_limits(qbo: Qbo) -> None:
    """Section 9: 30 days back, no tax codes, at most 1000 objects over all types."""
    for params in (
        {"entities": "Invoice", "changedSince": ago(days=31)},
        {"entities": "TaxCode", "changedSince": ago(days=1)},
        {"entities": "Invoice", "changedSince": "soon"},
        {"entities": "Invoice"},
        {"changedSince": ago(days=1)},
    ):
        assert fault(qbo.send("GET", "/cdc", params=params))["code"]


def test_batch(qbo: Qbo) -> None:
    """Section 3: in order, each alone, matched by bId; queries; void by optionsData."""
    payment = qbo.pay(qbo.invoice())
    name = unique("Heron")
    items = [
        {"bId": "1", "operation": "create", "Customer": {"DisplayName": name}},
        {"bId": "2", "operation": "create", "Customer": {"DisplayName": name}},
        {"bId": "3", "Query": f"select * from Customer where DisplayName = '{name}'"},
        {
            "bId": "4",
            "operation": "update",
            "Payment": token_of(payment) | {"sparse": True},
            "optionsData": "void",
        },
        {"bId": "5", "operation": "frob", "Customer": {}},
        {"bId": "6", "Query": "select * from Term"},
    ]
    answer = qbo.call("POST", "/batch", json={"BatchItemRequest": items})["BatchItemResponse"]
    assert [item["bId"] for item in answer] == ["1", "2", "3", "4", "5", "6"]
    assert answer[0]["Customer"]["DisplayName"] == name
    assert answer[1]["Fault"]["Error"][0]["code"] == "6240"
    assert answer[1]["Fault"]["type"] == "ValidationFault"
    assert answer[2]["QueryResponse"] == {}, "a later item cannot see an earlier one"
    assert answer[3]["Payment"]["TotalAmt"] == 0
    assert answer[4]["Fault"]["Error"][0]["code"] == "2170"
    assert len(answer[5]["QueryResponse"]["Term"]) == 3
    assert len(qbo.rows(f"select * from Customer where DisplayName = '{name}'")) == 1


def test_batch_refers_to_nothing_new(qbo: Qbo) -> None:
    """Section 3: a reference to what the same batch made is invalid."""
    next_id = str(int(qbo.customer()["Id"]) + 1)
    sale = qbo.sale(CustomerRef={"value": next_id})
    items = [
        {"bId": "1", "operation": "create", "Customer": {"DisplayName": unique("x")}},
        {"bId": "2", "operation": "create", "Invoice": sale},
    ]
    answer = qbo.call("POST", "/batch", json={"BatchItemRequest": items})["BatchItemResponse"]
    assert answer[0]["Customer"]["Id"] == next_id
    assert answer[1]["Fault"]["Error"][0]["code"] == "2500"


@pytest.mark.parametrize("limit", [30, 10])
def test_batch_size(qbo: Qbo, limit: int) -> None:
    """Section 3: official pages disagree on 30 or 10; above it is 1040."""
    qbo.settings(batch_limit=limit)
    items = [{"bId": str(i), "Query": "select * from Term"} for i in range(limit + 1)]
    wire = {"BatchItemRequest": items}
    assert fault(qbo.send("POST", "/batch", json=wire))["code"] == "1040"
    answer = qbo.call("POST", "/batch", json={"BatchItemRequest": items[:limit]})
    assert len(answer["BatchItemResponse"]) == limit
    [row] = [r for r in qbo.sandbox.requests(qbo.realm) if r["elements"] == limit]
    assert row["path"].endswith("/batch")


def test_consent_page(qbo: Qbo) -> None:
    """The page lists companies; the user picks one or denies."""
    page = authorize(qbo.sandbox, auto="0")
    assert page.status_code == 200
    consent = page.text.split('name="consent" value="')[1].split('"')[0]
    form = {"consent": consent, "company": qbo.realm, "decision": "allow"}
    answer = qbo.sandbox.raw.post(f"{qbo.sandbox.root}/connect/oauth2", data=form)
    assert back(answer)["realmId"] == qbo.realm
    consent = authorize(qbo.sandbox, auto="0").text.split('name="consent" value="')[1]
    form = {"consent": consent.split('"')[0], "decision": "deny"}
    answer = qbo.sandbox.raw.post(f"{qbo.sandbox.root}/connect/oauth2", data=form)
    assert back(answer)["error"] == "access_denied"
