"""`requestid`: dossier section 8."""

from uuid import uuid4

from tests.services.sandbox.quickbooks_online.client import Qbo, fault, token_of, unique
from tests.services.sandbox.quickbooks_online.oauth import sign_in


def test_replay(qbo: Qbo) -> None:
    """Section 8: the same id returns the stored first response and does not run again."""
    wire, key = qbo.sale(), str(uuid4())
    first = qbo.send("POST", "/invoice", json=wire, params={"requestid": key})
    second = qbo.send("POST", "/invoice", json=wire, params={"requestid": key})
    assert first.content == second.content
    assert len(qbo.rows("select * from Invoice")) == 1
    rows = [r for r in qbo.sandbox.requests(qbo.realm) if r["idempotency_key"] == key]
    assert [r["replayed"] for r in rows] == [False, True]


def test_conflicting_reuse(qbo: Qbo) -> None:
    """Section 8: 600 for another request with the same id; 50 characters at most."""
    key = str(uuid4())
    qbo.post("Invoice", qbo.sale(), requestid=key)
    assert qbo.refused("Invoice", qbo.sale(7), requestid=key)["code"] == "600"
    assert qbo.refused("Invoice", qbo.sale(), requestid="x" * 51)["code"] == "2050"


def test_covers_delete_and_void_not_reads(qbo: Qbo) -> None:
    """Section 8: delete and void too; not query."""
    made, key = qbo.invoice(), str(uuid4())
    for _ in range(2):
        gone = qbo.post("Invoice", token_of(made), operation="delete", requestid=key)
        assert gone["status"] == "Deleted"
    params = {"query": "select count(*) from Customer", "requestid": key}
    before = qbo.call("GET", "/query", params=params)["QueryResponse"]["totalCount"]
    qbo.customer()
    after = qbo.call("GET", "/query", params=params)["QueryResponse"]["totalCount"]
    assert after == before + 1


def test_faults_are_stored_too_and_life_ends(qbo: Qbo) -> None:
    """Section 8, UNCONFIRMED: a first fault is replayed; ids are kept for 24 hours."""
    name, key = unique("x"), str(uuid4())
    holder = qbo.customer(DisplayName=name)
    wire = {"DisplayName": name}
    assert qbo.refused("Customer", wire, requestid=key)["code"] == "6240"
    qbo.post("Customer", token_of(holder) | {"sparse": True, "Active": False})
    assert qbo.refused("Customer", wire, requestid=key)["code"] == "6240"
    qbo.sandbox.advance(86_401)
    qbo.token = sign_in(qbo.sandbox, qbo.realm)
    assert qbo.post("Customer", wire, requestid=key)["DisplayName"] == name


def test_batch_ids(qbo: Qbo) -> None:
    """Section 8: 36 characters for a batch, and then each bId at most 10."""
    item = {"operation": "create", "Customer": {"DisplayName": unique("x")}}
    short = {"BatchItemRequest": [item | {"bId": "1"}]}
    long = {"BatchItemRequest": [item | {"bId": "12345678901"}]}
    key = {"requestid": str(uuid4())}
    assert fault(qbo.send("POST", "/batch", json=long, params=key))["code"] == "2050"
    too_long = {"requestid": "x" * 37}
    assert fault(qbo.send("POST", "/batch", json=short, params=too_long))["code"] == "2050"
    key = {"requestid": str(uuid4())}
    one, two = (qbo.call("POST", "/batch", json=short, params=key) for _ in range(2))
    assert one == two
    assert "Customer" in one["BatchItemResponse"][0]
