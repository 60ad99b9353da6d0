"""OData, paging, conditional reads (dossier section 3)."""

from collections.abc import Iterator

import pytest

from tests.services.sandbox.myob.client import MyobClient, connect, ref, unique
from tests.services.sandbox.server import Json, Sandbox

CUSTOMER = "/Contact/Customer"
INVOICE = "/Sale/Invoice"


@pytest.fixture(scope="module")
def filled(lenient: Sandbox) -> Iterator[MyobClient]:
    """A company with 30 customers that only reads touch."""
    with connect(lenient) as client:
        for at in range(30):
            address = [{"Location": 1, "Email": f"c{at}@example.org"}]
            card = {"DisplayID": f"C-{at:02d}", "CompanyName": f"Cafe {at:02d}"}
            client.customer(**card, Addresses=address, IsActive=at % 2 == 0)
        yield client


def ids(client: MyobClient, text: str, **more: str) -> list[str]:
    """Card ids of what a filter finds."""
    return [row["DisplayID"] for row in client.items(CUSTOMER, **{"$filter": text, **more})]


FILTERS = [
    ("DisplayID eq 'C-07'", ["C-07"]),
    ("(DisplayID eq 'C-07' or DisplayID eq 'C-09')", ["C-07", "C-09"]),
    ("DisplayID ge 'C-28'", ["C-28", "C-29"]),
    ("DisplayID gt 'C-28'", ["C-29"]),
    ("DisplayID lt 'C-01'", ["C-00"]),
    ("DisplayID le 'C-01' and IsActive eq true", ["C-00"]),
    ("IsActive eq false and DisplayID lt 'C-03'", ["C-01"]),
    ("substringof('fe 12',CompanyName)", ["C-12"]),
    ("substringof('fe 12', CompanyName) eq true", ["C-12"]),
    ("startswith(CompanyName,'Cafe 2') and endswith(CompanyName,'5')", ["C-25"]),
    ("Addresses/any(x: x/Email eq 'c4@example.org')", ["C-04"]),
    ("Addresses/all(x: x/Location eq 2)", []),
    ("LastName eq null and DisplayID eq 'C-03'", ["C-03"]),
    ("CurrentBalance gt 0", []),
    ("SellingDetails/TaxCode/Code eq 'GST' and DisplayID eq 'C-01'", ["C-01"]),
    ("LastModified gt datetime'2020-01-01T00:00:00' and DisplayID eq 'C-01'", ["C-01"]),
    ("LastModified gt datetime'2020-01-01 00:00:00' and DisplayID eq 'C-01'", ["C-01"]),
    ("LastModified lt datetime'2020-01-01T00:00:00.000'", []),
]


@pytest.mark.parametrize(("text", "wanted"), FILTERS)
def test_filters(filled: MyobClient, text: str, wanted: list[str]) -> None:
    """operators `eq gt ge lt le and or`, functions, `any/all`, literals; a blank instead of T."""
    assert ids(filled, text) == wanted


WRONG = [
    "displayid eq 'C-07'",
    "Nonsense eq 'x'",
    "DisplayID eq 7",
    "IsActive eq 'true'",
    "UID eq 'C-07'",
    "DisplayID",
    "DisplayID eq",
    "DisplayID like 'C'",
    "DisplayID eq 'C-07' or",
    "(DisplayID eq 'C-07'",
    "LastModified gt datetime'yesterday'",
    "startswith('C',DisplayID)",
    "Addresses eq null",
    "Addresses/any(x: y/Email eq 'c')",
    "DisplayID eq 'O'Brien'",
]


@pytest.mark.parametrize("text", WRONG)
def test_bad_filters(filled: MyobClient, text: str) -> None:
    """Field names are case-sensitive; what is no filter is 400."""
    assert filled.send("GET", CUSTOMER, params={"$filter": text}).status_code == 400


def test_guid_literals(filled: MyobClient) -> None:
    """`guid'…'`; a reference is filtered by its UID."""
    row = filled.items(CUSTOMER, **{"$filter": "DisplayID eq 'C-05'"})[0]
    assert ids(filled, f"UID eq guid'{row['UID'].upper()}'") == ["C-05"]
    code = filled.codes["GST"]["UID"]
    assert len(ids(filled, f"SellingDetails/TaxCode/UID eq guid'{code}'")) == 30


def test_orderby(filled: MyobClient) -> None:
    """`$orderby`, several fields and directions."""
    found = filled.items(CUSTOMER, **{"$orderby": "IsActive,DisplayID desc", "$top": 2})
    assert [row["DisplayID"] for row in found] == ["C-29", "C-27"]
    for order in ("Nonsense", "DisplayID sideways", "Addresses"):
        assert filled.send("GET", CUSTOMER, params={"$orderby": order}).status_code == 400


def test_paging(filled: MyobClient) -> None:
    """`NextPageLink` stays on the origin that was asked; `Count` is the total."""
    query = {"$top": "12", "$filter": "IsActive eq true or IsActive eq false"}
    page = filled.call("GET", CUSTOMER, params=query)
    seen: list[Json] = list(page["Items"])
    assert page["Count"] == 30
    while page["NextPageLink"]:
        assert page["NextPageLink"].startswith(filled.url(CUSTOMER))
        assert "$skip=" in page["NextPageLink"]
        headers = filled.headers()
        page = filled.sandbox.raw.get(page["NextPageLink"], headers=headers).json()
        seen += page["Items"]
    assert len({row["UID"] for row in seen}) == len(seen) == 30
    beyond = filled.call("GET", CUSTOMER, params={"$skip": "30"})
    assert (beyond["Items"], beyond["NextPageLink"]) == ([], None)


def test_page_sizes(sandbox: Sandbox) -> None:
    """`$top` (default 400, max 1000) and `$skip`."""
    with connect(sandbox) as client:
        accounts = {"TaxCode": client.free, "FreightTaxCode": client.free}
        for at in range(1001):
            record = {"CompanyName": f"C{at}", "IsIndividual": False, "SellingDetails": accounts}
            sandbox.bookkeeper(client.company, "add", resource="Customers", record=record)
        assert len(client.items(CUSTOMER)) == 400
        assert len(client.items(CUSTOMER, **{"$top": 5000})) == 1000
        assert client.items(CUSTOMER, **{"$top": 0}) == []
        for wrong in ("-1", "x"):
            assert client.send("GET", CUSTOMER, params={"$top": wrong}).status_code == 400


def test_status_and_date(myob: MyobClient) -> None:
    """`Status eq 'Open'` scan; `Date ge now-N days` window; `LastPaymentDate ge`."""
    open_, paid = myob.untaxed(100), myob.untaxed(50, Date="2026-08-01T00:00:00")
    myob.pay(paid, 50)
    for text, wanted in (
        ("Status eq 'Open'", open_),
        ("Status eq 'Closed'", paid),
        ("Date ge datetime'2026-08-15T00:00:00'", open_),
        ("LastPaymentDate ge datetime'2026-09-10T00:00:00'", paid),
        ("BalanceDueAmount gt 60.5M", open_),
        (f"Customer/UID eq guid'{paid['Customer']['UID']}'", paid),
        (f"Customer/Name eq '{paid['Customer']['Name']}'", paid),
    ):
        for path in (INVOICE, f"{INVOICE}/Service"):
            assert [row["UID"] for row in myob.items(path, **{"$filter": text})] == [wanted["UID"]]


def test_the_idempotency_slots(myob: MyobClient) -> None:
    """`CustomerPurchaseOrderNumber eq '…'`, `Number eq '…'`; payment: `Memo` containing our id."""
    made = myob.untaxed(100, Number="KP-1", CustomerPurchaseOrderNumber="x" * 255)
    for text in (f"CustomerPurchaseOrderNumber eq '{'x' * 255}'", "Number eq 'KP-1'"):
        assert [row["UID"] for row in myob.items(INVOICE, **{"$filter": text})] == [made["UID"]]
    paid = myob.pay(made, 10, Memo="for us: ch_77")
    [found] = myob.items("/Sale/CustomerPayment", **{"$filter": "substringof('ch_77',Memo)"})
    assert found["UID"] == paid["UID"]


def test_conditional_reads(myob: MyobClient) -> None:
    """`ETag` on single and collection answers, `If-None-Match` -> 304."""
    made = myob.customer()
    for path in (f"{CUSTOMER}/{made['UID']}", CUSTOMER):
        etag = myob.send("GET", path).headers["etag"]
        again = myob.send("GET", path, headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")
    myob.update(CUSTOMER, made, Notes="new")
    assert myob.send("GET", CUSTOMER, headers={"If-None-Match": etag}).status_code == 200


def test_paths(myob: MyobClient) -> None:
    """Trailing slashes are routed; what is not there is 404, what is not done 405."""
    made = myob.invoice()
    for path in (f"{INVOICE}/Service/", f"{INVOICE}/Service/{made['UID']}/", f"{INVOICE}/"):
        assert myob.send("GET", path).status_code == 200
    for path in ("/Nothing", "/Sale", f"{INVOICE}/{made['UID']}", f"{INVOICE}/Service/nobody"):
        assert myob.send("GET", path).status_code == 404
    assert myob.send("PATCH", CUSTOMER, json={}).status_code == 405
    assert myob.send("DELETE", CUSTOMER).status_code == 405


def test_numbers_are_json_numbers(myob: MyobClient) -> None:
    """money is `Decimal(13.2)`; unit price keeps more places."""
    line = {"ShipQuantity": 3, "UnitPrice": 0.333333, "Total": 1, "TaxCode": myob.free}
    line["Item"] = ref(myob.item(Number=unique("P")))
    path = "/Sale/Invoice/Item"
    made = myob.create(path, myob.sale(Lines=[line]))
    assert str(made["Lines"][0]["UnitPrice"]) == "0.333333"
    text = myob.send("GET", f"{path}/{made['UID']}").text
    assert '"Total":1.00,' in text
    assert '"TotalAmount":1.00,' in text
    huge = myob.sale(Lines=[myob.line(100_000_000_000)])
    myob.refuse("POST", f"{INVOICE}/Service", huge, "SerializationError", 50)
