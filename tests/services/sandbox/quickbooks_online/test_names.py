"""Customers, items, accounts, lists: dossier section 5."""

import pytest

from tests.services.sandbox.quickbooks_online.client import Qbo, connect, token_of, unique
from tests.services.sandbox.server import Json, Sandbox


def test_customer_of_the_dossier(qbo: Qbo) -> None:
    """Section 5: the example, and its look-ups."""
    name = unique("Blue Heron Ltd")
    email = f"ap@{name[-8:]}.example"
    made = qbo.post(
        "Customer",
        {
            "DisplayName": name,
            "CompanyName": name,
            "GivenName": "Sam",
            "PrimaryEmailAddr": {"Address": email},
            "PrimaryPhone": {"FreeFormNumber": "555-0100"},
            "BillAddr": {"Line1": "1 Pier Rd", "City": "Salem", "Country": "USA"},
            "Taxable": True,
        },
    )
    assert (made["FullyQualifiedName"], made["Active"], made["Job"]) == (name, True, False)
    assert [r["Id"] for r in qbo.rows(f"select * from Customer where DisplayName = '{name}'")] == [
        made["Id"]
    ]
    for where in (f"PrimaryEmailAddr = '{email}'", f"PrimaryEmailAddr LIKE '%{email[3:]}'"):
        assert len(qbo.rows(f"select * from Customer where {where}")) == 1


def test_a_name_of_parts(qbo: Qbo) -> None:
    """Section 5: DisplayName or one of the parts, else 6080."""
    part = unique("Lee")
    assert (
        qbo.post("Customer", {"GivenName": "Ann", "FamilyName": part})["DisplayName"]
        == f"Ann {part}"
    )
    assert qbo.refused("Customer", {"CompanyName": "Only"})["code"] == "6080"


@pytest.mark.parametrize("letter", [":", "\t", "\n"])
def test_illegal_letters(qbo: Qbo, letter: str) -> None:
    """Section 5: no colon, tab or newline."""
    assert qbo.refused("Customer", {"DisplayName": f"a{letter}b"})["code"] == "6000"


@pytest.mark.parametrize("entity", ["Customer", "Vendor", "Employee"])
def test_names_are_shared(qbo: Qbo, entity: str) -> None:
    """Section 5 and 10: unique across customers, vendors and employees: 6240, who holds it."""
    name = unique("Acme")
    qbo.post(entity, {"DisplayName": name})
    for other in ("Customer", "Vendor", "Employee"):
        error = qbo.refused(other, {"DisplayName": name.upper()})
        assert (error["code"], error["Message"]) == ("6240", "Duplicate Name Exists Error")
        assert error["Detail"] == (
            f"The name supplied already exists. : Another {entity.lower()} is already using "
            "this name. Please use a different name."
        )


@pytest.mark.parametrize(
    ("field", "length"),
    [
        ("DisplayName", 500),
        ("GivenName", 100),
        ("Title", 16),
        ("Suffix", 16),
        ("CompanyName", 100),
        ("PrintOnCheckName", 110),
        ("Notes", 2000),
        ("ResaleNum", 16),
    ],
)
def test_lengths(qbo: Qbo, field: str, length: int) -> None:
    """Section 5: lengths; 2050."""
    wire = {"DisplayName": unique("C"), field: "x" * (length + 1)}
    assert qbo.refused("Customer", wire)["code"] == "2050"
    assert qbo.post("Customer", wire | {field: unique("y").ljust(length, "x")[:length]})


def test_contact_lengths(qbo: Qbo) -> None:
    """Section 5: phone 30, e-mail 100, WebAddr 1000; a bad e-mail is 2210."""
    base = {"DisplayName": unique("C")}
    cases: list[tuple[Json, str]] = [
        ({"PrimaryPhone": {"FreeFormNumber": "1" * 31}}, "2050"),
        ({"PrimaryEmailAddr": {"Address": "a" * 95 + "@b.com"}}, "2050"),
        ({"WebAddr": {"URI": "h" * 1001}}, "2050"),
        ({"PrimaryEmailAddr": {"Address": "nonsense"}}, "2210"),
        ({"PreferredDeliveryMethod": "Pigeon"}, "2170"),
        ({"SalesTermRef": {"value": "999"}}, "2500"),
    ]
    for more, code in cases:
        assert qbo.refused("Customer", base | more)["code"] == code


def test_sub_customers(qbo: Qbo) -> None:
    """Section 5: Job + ParentRef, `Parent:Child`, Level; at most 5 levels (6180)."""
    above, path = qbo.customer(), ""
    path = above["DisplayName"]
    for level in range(1, 5):
        sub = {"Job": True, "ParentRef": {"value": above["Id"]}, "BillWithParent": True}
        above = qbo.customer(**sub)
        path += f":{above['DisplayName']}"
        assert (above["FullyQualifiedName"], above["Level"]) == (path, level)
        assert above["BillWithParent"] is True
    deep = {"DisplayName": unique("x"), "Job": True, "ParentRef": {"value": above["Id"]}}
    assert qbo.refused("Customer", deep)["code"] == "6180"


def test_inactive(qbo: Qbo) -> None:
    """Section 5: no delete; Active false frees the name; hidden unless asked for."""
    made = qbo.customer()
    name = made["DisplayName"]
    assert qbo.refused("Customer", token_of(made), operation="delete")["code"] == "500"
    off = qbo.post("Customer", token_of(made) | {"sparse": True, "Active": False})
    assert off["DisplayName"] == f"{name} (deleted)"
    where = f"select * from Customer where Id = '{made['Id']}'"
    assert qbo.rows(where) == []
    assert len(qbo.rows(f"{where} and Active IN (true,false)")) == 1
    error = qbo.refused("Invoice", qbo.sale(CustomerRef={"value": made["Id"]}))
    assert error["code"] == "610"
    assert "made inactive" in error["Detail"]
    other = qbo.customer(DisplayName=name)
    back = token_of(off) | {"sparse": True, "Active": True}
    assert qbo.refused("Customer", back)["code"] == "6240"
    qbo.post("Customer", token_of(other) | {"sparse": True, "DisplayName": unique("z")})
    assert qbo.post("Customer", back)["DisplayName"] == name


def test_items(qbo: Qbo) -> None:
    """Section 5: income account needed; inventory needs more; name unique; lengths; Sku."""
    income = qbo.ref("Account", Name="Services")
    name = unique("Mug")
    base = {"Name": name, "Type": "NonInventory", "IncomeAccountRef": income}
    made = qbo.post("Item", base | {"Sku": "SKU-1", "UnitPrice": "2.1234567"})
    assert (made["Sku"], made["FullyQualifiedName"]) == ("SKU-1", name)
    [row] = qbo.rows(f"select * from Item where Name = '{name}'")
    assert "Sku" not in row
    [row] = qbo.rows(f"select *, Sku from Item where Name = '{name}'")
    assert row["Sku"] == "SKU-1"
    qbo.settings(sku_hidden=False)
    assert qbo.rows("select * from Item where Sku = 'SKU-1'")[0]["Sku"] == "SKU-1"
    assert qbo.refused("Item", base)["code"] == "6240"
    assert qbo.refused("Item", {"Name": unique("x"), "Type": "Service"})["code"] == "2020"
    stock = base | {"Name": unique("x"), "Type": "Inventory"}
    assert qbo.refused("Item", stock)["code"] == "2020"
    wrong = base | {"Name": unique("x"), "IncomeAccountRef": qbo.ref("Account", Name="Checking")}
    assert qbo.refused("Item", wrong)["code"] == "6430"
    for field, length in (("Name", 100), ("Sku", 100), ("Description", 4000)):
        long = base | {"Name": unique("x"), field: "x" * (length + 1)}
        assert qbo.refused("Item", long)["code"] == "2050"
    folder = qbo.post("Item", {"Name": unique("Folder"), "Type": "Category"})
    sale = qbo.sale(Line=[qbo.line(1, ItemRef={"value": folder["Id"]})])
    assert qbo.refused("Invoice", sale)["code"] == "2500"
    assert qbo.refused("Item", {"Name": unique("B"), "Type": "Group"})["code"] == "500"


def test_wrong_item(qbo: Qbo) -> None:
    """Section 10: 2500 names the path."""
    error = qbo.refused("Invoice", qbo.sale(Line=[qbo.line(1, ItemRef={"value": "99999"})]))
    assert error["code"] == "2500"
    assert error["Detail"] == "Invalid Reference Id : Line.SalesItemLineDetail.ItemRef"


def test_accounts(qbo: Qbo) -> None:
    """Section 5: accounts by type; created; unique; balances from the journal."""
    found = qbo.rows("select Id, Name, AccountType from Account where AccountType = 'Income'")
    assert {row["AccountType"] for row in found} == {"Income"}
    assert all("Classification" not in row for row in found)
    made = qbo.post("Account", {"Name": unique("Grants"), "AccountType": "Income"})
    assert made["Classification"] == "Revenue"
    assert qbo.refused("Account", {"Name": made["Name"], "AccountType": "Bank"})["code"] == "6240"
    assert qbo.refused("Account", {"Name": unique("x"), "AccountType": "Odd"})["code"] == "2170"
    qbo.invoice(100)
    [receivable] = qbo.rows("select * from Account where Name = 'Accounts Receivable (A/R)'")
    assert receivable["CurrentBalance"] == 100


def test_terms_and_methods(qbo: Qbo) -> None:
    """Section 5: Term name 31 characters."""
    term = qbo.post("Term", {"Name": unique("Net 45"), "DueDays": 45})
    assert qbo.invoice(SalesTermRef={"value": term["Id"]}, TxnDate="2026-03-01")["DueDate"] == (
        "2026-04-15"
    )
    assert qbo.refused("Term", {"Name": "x" * 32, "DueDays": 1})["code"] == "2050"
    assert qbo.post("PaymentMethod", {"Name": unique("Wire")})["Type"] == "NON_CREDIT_CARD"


def test_classes_and_departments(qbo: Qbo) -> None:
    """Section 5: class per line or header as preferences say, Department in the header."""
    parent = qbo.ref("Class", Name="Design")
    sub = qbo.post("Class", {"Name": unique("Logo"), "SubClass": True, "ParentRef": parent})
    assert sub["FullyQualifiedName"].startswith("Design:")
    north = qbo.ref("Department", Name="North")
    line = qbo.line(10, ClassRef={"value": sub["Id"]})
    made = qbo.invoice(Line=[line], DepartmentRef=north)
    assert made["Line"][0]["SalesItemLineDetail"]["ClassRef"]["name"] == sub["Name"]
    assert made["DepartmentRef"]["name"] == "North"
    assert qbo.refused("Invoice", qbo.sale(ClassRef=parent))["code"] == "5020"
    qbo.settings(
        AccountingInfoPrefs={"ClassTrackingPerTxn": True, "ClassTrackingPerTxnLine": False}
    )
    assert qbo.invoice(ClassRef=parent)["ClassRef"]["name"] == "Design"
    assert qbo.refused("Invoice", qbo.sale(Line=[line]))["code"] == "5020"


def test_small_plans(sandbox: Sandbox) -> None:
    """Sections 5 and 7: class, location and purchase orders need Plus: 5020; the plan is told."""
    qbo = connect(sandbox, plan="Essentials")
    assert qbo.refused("Class", {"Name": "x"})["code"] == "5020"
    assert qbo.refused("Department", {"Name": "x"})["code"] == "5020"
    line = qbo.line(10, ClassRef={"value": "1"})
    assert qbo.refused("Invoice", qbo.sale(Line=[line]))["code"] == "5020"
    order = {"VendorRef": {"value": qbo.vendor()["Id"]}, "Line": []}
    assert qbo.refused("PurchaseOrder", order)["code"] == "5020"
    info = qbo.call("GET", f"/companyinfo/{qbo.realm}")["CompanyInfo"]
    values = {pair["Name"]: pair["Value"] for pair in info["NameValue"]}
    assert values["OfferingSku"] == "QuickBooks Online Essentials"
    assert info["Country"] == "USA"


def test_merge(qbo: Qbo) -> None:
    """Section 5: a user merges two customers: the loser disappears, its documents move."""
    one, two = qbo.customer(), qbo.customer()
    made = qbo.invoice(CustomerRef={"value": one["Id"]})
    qbo.person("merge", resource="Customer", id=one["Id"], into=two["Id"])
    assert qbo.send("GET", f"/customer/{one['Id']}").json()["Fault"]["Error"][0]["code"] == "610"
    assert qbo.read("Invoice", made["Id"])["CustomerRef"]["value"] == two["Id"]
    assert qbo.read("Customer", two["Id"])["Balance"] == 100
