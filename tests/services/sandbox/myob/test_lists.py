"""Cards, items, accounts, tax codes, tracking, preferences (dossier section 5)."""

from typing import Any

import pytest

from tests.services.sandbox.myob.client import MyobClient, ref, unique

CUSTOMER = "/Contact/Customer"


def test_a_person_adds_a_currency(myob: MyobClient) -> None:
    """Currencies are read by the API, and made in AccountRight."""
    made = myob.do("enable_currency", code="CAD", rate=1.1)
    assert (made["Code"], made["CurrentRate"]) == ("CAD", 1.1)
    assert "CAD" in {one["Code"] for one in myob.items("/GeneralLedger/Currency")}


def test_a_customer(myob: MyobClient) -> None:
    """Fields are kept; `DisplayID` defaults to "*None"; `CurrentBalance` is computed."""
    address = {"Location": 1, "Street": "1 Rata St\nKew", "PostCode": "3101", "Phone1": "03 1"}
    made = myob.customer(Addresses=[address, {"Location": 2}], Notes="good")
    assert made["DisplayID"] == "*None"
    assert made["IsActive"] is True
    assert made["Addresses"][0]["Street"] == "1 Rata St\nKew"
    assert made["SellingDetails"]["TaxCode"]["Code"] == "GST"
    assert made["LastModified"]
    myob.invoice(100, Customer=ref(made))
    assert myob.read(CUSTOMER, made)["CurrentBalance"] == 110


@pytest.mark.parametrize("missing", ["TaxCode", "FreightTaxCode"])
def test_required_tax_codes(myob: MyobClient, missing: str) -> None:
    """Required on create: `SellingDetails.TaxCode{UID}`, `SellingDetails.FreightTaxCode{UID}`."""
    card = myob.card()
    del card["SellingDetails"][missing]
    error = myob.refuse("POST", CUSTOMER, card, "Required", 100)
    assert missing in error["AdditionalDetails"]


def test_required_names(myob: MyobClient) -> None:
    """`CompanyName` if not individual, else `LastName`; `IsIndividual` itself."""
    myob.refuse("POST", CUSTOMER, myob.card(CompanyName=None), "Required", 100)
    person = {"IsIndividual": True, "LastName": "Reed", "FirstName": "Ana", "CompanyName": None}
    made = myob.customer(**person)
    invoice = myob.invoice(Customer=ref(made))
    assert invoice["Customer"]["Name"] == "Ana Reed"
    myob.refuse("POST", CUSTOMER, myob.card(IsIndividual=True), "Required", 100)
    card = myob.card()
    del card["IsIndividual"]
    myob.refuse("POST", CUSTOMER, card, "Required", 100)


LENGTHS: list[tuple[dict[str, Any], str]] = [
    ({"CompanyName": "x" * 51}, "CompanyName"),
    ({"LastName": "x" * 31}, "LastName"),
    ({"FirstName": "x" * 21}, "FirstName"),
    ({"DisplayID": "x" * 16}, "DisplayID"),
    ({"Notes": "x" * 256}, "Notes"),
    ({"Addresses": [{"Location": 1, "Street": "x" * 256}]}, "Street"),
    ({"Addresses": [{"Location": 1, "PostCode": "x" * 11}]}, "PostCode"),
    ({"Addresses": [{"Location": 1, "Phone1": "x" * 22}]}, "Phone1"),
]


@pytest.mark.parametrize(("fields", "name"), LENGTHS)
def test_lengths(myob: MyobClient, fields: dict[str, Any], name: str) -> None:
    """truncate loudly, never silently: what is too long is refused."""
    error = myob.refuse("POST", CUSTOMER, myob.card(**fields), "MaximumLengthExceeded")
    assert name in error["AdditionalDetails"]


def test_names_are_not_unique_but_card_ids_are(myob: MyobClient) -> None:
    """Names are not unique; `DisplayID` other than `*None` is (`DuplicateIdentifier`)."""
    name = unique("Rata Cafe")
    first = myob.customer(CompanyName=name, DisplayID="C-77")
    second = myob.customer(CompanyName=name)
    assert first["UID"] != second["UID"]
    myob.refuse("POST", CUSTOMER, myob.card(DisplayID="C-77"), "DuplicateIdentifier")
    whole = myob.read(CUSTOMER, second) | {"DisplayID": "C-77"}
    myob.refuse("PUT", f"{CUSTOMER}/{second['UID']}", whole, "DuplicateIdentifier")
    assert myob.update(CUSTOMER, first, Notes="x")["DisplayID"] == "C-77"


def test_lookup_by_card_id_and_by_name(myob: MyobClient) -> None:
    """`$filter=DisplayID eq 'C-77'` or `CompanyName eq …` (escape quotes by doubling)."""
    made = myob.customer(CompanyName="O'Brien & Sons + Co", DisplayID="C-77")
    for text in ("DisplayID eq 'C-77'", "CompanyName eq 'O''Brien & Sons + Co'"):
        [found] = myob.items(CUSTOMER, **{"$filter": text})
        assert found["UID"] == made["UID"]


def test_addresses_are_five(myob: MyobClient) -> None:
    """`Addresses[]` up to 5 with `Location` 1..5."""
    for places in ([6], [0], [1, 1]):
        addresses = [{"Location": place} for place in places]
        myob.refuse("POST", CUSTOMER, myob.card(Addresses=addresses), "InvalidValue")


def test_the_abn(myob: MyobClient) -> None:
    """ABN format `XX XXX XXX XXX`."""
    card = myob.card()
    card["SellingDetails"]["ABN"] = "51824753556"
    myob.refuse("POST", CUSTOMER, card, "InvalidValue")
    card["SellingDetails"]["ABN"] = "51 824 753 556"
    assert myob.create(CUSTOMER, card)["SellingDetails"]["ABN"] == "51 824 753 556"


def test_a_used_card_is_not_deleted(myob: MyobClient) -> None:
    """Delete of a used card is expected to be refused; deactivate with `IsActive:false`."""
    made = myob.customer()
    invoice = myob.invoice(Customer=ref(made))
    assert myob.send("DELETE", f"{CUSTOMER}/{made['UID']}").status_code == 400
    assert myob.update(CUSTOMER, made, IsActive=False)["IsActive"] is False
    myob.delete("/Sale/Invoice/Service", invoice)
    myob.delete(CUSTOMER, made)
    assert myob.send("GET", f"{CUSTOMER}/{made['UID']}").status_code == 404


def test_contact_lists_all_kinds(myob: MyobClient) -> None:
    """`/Contact` lists all kinds."""
    made = {myob.customer()["UID"]: "Customer", myob.supplier()["UID"]: "Supplier"}
    assert {one["UID"]: one["Type"] for one in myob.items("/Contact")} == made
    page = myob.call("GET", "/Contact", params={"$top": "1"})
    assert (len(page["Items"]), page["Count"]) == (1, 2)
    assert page["NextPageLink"].startswith(myob.url("/Contact?"))


def test_an_item(myob: MyobClient) -> None:
    """Sold items need `IncomeAccount` and `TaxCode`; `Number` is unique."""
    made = myob.item(Number="CARD-1", Description="x" * 255, UseDescription=True)
    assert made["SellingDetails"]["BaseSellingPrice"] == 12.5
    bare = {"Number": "CARD-2", "Name": "Cards", "IsSold": True}
    answer = myob.send("POST", "/Inventory/Item", json=bare)
    assert len(answer.json()["Errors"]) == 2
    myob.refuse(
        "POST",
        "/Inventory/Item",
        bare | {"Number": "CARD-1", "IsSold": False},
        "DuplicateIdentifier",
    )
    for name in ("Number", "Name"):
        long = bare | {"IsSold": False, name: "x" * 31}
        myob.refuse("POST", "/Inventory/Item", long, "MaximumLengthExceeded")


def test_what_an_item_is_for(myob: MyobClient) -> None:
    """An item that is not sold is not on a sale."""
    item = myob.item(IsSold=False)
    line = {"ShipQuantity": 1, "Total": 5, "Item": ref(item), "TaxCode": myob.taxed}
    myob.refuse("POST", "/Sale/Invoice/Item", myob.sale(Lines=[line]), "InvalidValue")


def test_inventoried_items(myob: MyobClient) -> None:
    """`QuantityOnHand` and `CostOfGoodsSold` are computed."""
    accounts = {
        "AssetAccount": myob.account("OtherCurrentAsset"),
        "CostOfSalesAccount": myob.account("CostOfSales"),
    }
    item = myob.item(IsInventoried=True, **accounts)
    bought = {"BillQuantity": 10, "Total": 40, "Item": ref(item), "TaxCode": myob.free}
    myob.create("/Purchase/Bill/Item", myob.purchase(Lines=[bought]))
    sold = {"ShipQuantity": 4, "Total": 50, "Item": ref(item), "TaxCode": myob.free}
    made = myob.create("/Sale/Invoice/Item", myob.sale(Lines=[sold]))
    assert made["Lines"][0]["CostOfGoodsSold"] == 16
    assert myob.read("/Inventory/Item", item)["QuantityOnHand"] == 6
    myob.delete("/Sale/Invoice/Item", made)
    assert myob.read("/Inventory/Item", item)["QuantityOnHand"] == 10


def test_seeded_tax_codes(myob: MyobClient) -> None:
    """AU files usually have `GST`, `FRE`, `N-T`; a 0 % one and a `GST_VAT` one above 0."""
    assert set(myob.codes) >= {"GST", "FRE", "N-T"}
    assert (myob.codes["GST"]["Type"], myob.codes["GST"]["Rate"]) == ("GST_VAT", 10)
    assert myob.codes["FRE"]["Rate"] == 0
    assert myob.codes["GW"]["Type"] == "Consolidated"


def test_tax_codes(myob: MyobClient) -> None:
    """`Code` <=3, unique; the components of `Consolidated` are maintained in MYOB."""
    path = "/GeneralLedger/TaxCode"
    account = myob.codes["GST"]["TaxCollectedAccount"]
    code = {"Code": "LVY", "Type": "SalesTax", "Rate": 2.5, "TaxCollectedAccount": account}
    made = myob.create(path, code | {"TaxPaidAccount": account})
    assert myob.update(path, made, Rate=3)["Rate"] == 3
    myob.refuse("POST", path, code | {"TaxPaidAccount": account}, "DuplicateIdentifier")
    myob.refuse("POST", path, code | {"Code": "LONG"}, "MaximumLengthExceeded")
    myob.refuse("POST", path, code | {"Code": "L2"}, "Required", 100)
    myob.refuse("POST", path, code | {"Code": "C", "Type": "Consolidated"}, "InvalidValue")
    group = myob.do("consolidate_tax", code="ALL", components=["GST", "LVY"], name="All")
    assert (group["Type"], group["Rate"]) == ("Consolidated", 13)


def test_accounts(myob: MyobClient) -> None:
    """`DisplayID` "4-1000"; `Classification` follows from `Type`; headers cannot be posted to."""
    made = myob.create(
        "/GeneralLedger/Account", {"Name": "Design", "Type": "Income", "Number": 4321}
    )
    assert (made["DisplayID"], made["Classification"]) == ("4-4321", "Income")
    again = {"Name": "Design", "Type": "Income", "Number": 4321}
    myob.refuse("POST", "/GeneralLedger/Account", again, "DuplicateIdentifier")
    header = next(a for a in myob.accounts if a["IsHeader"])
    line = myob.line(Account=ref(header))
    myob.refuse("POST", "/Sale/Invoice/Service", myob.sale(Lines=[line]), "InvalidValue")


def test_seeded_accounts(myob: MyobClient) -> None:
    """Seed: Income and Bank accounts, receivables."""
    kinds = {account["Type"] for account in myob.accounts}
    assert kinds >= {"Income", "Bank", "AccountReceivable", "AccountsPayable", "Expense"}


def test_an_account_in_use_is_not_deleted(myob: MyobClient) -> None:
    """What is used, or what the system posts to, stays."""
    account = myob.account("AccountReceivable")
    assert myob.send("DELETE", f"/GeneralLedger/Account/{account['UID']}").status_code == 400


def category(myob: MyobClient) -> dict[str, Any]:
    return ref(myob.items("/GeneralLedger/Category")[0])


def test_category_per_transaction(myob: MyobClient) -> None:
    """`Category`: `Off | OnAndNotRequired | OnAndRequired`; error 4227 "CategoryId"."""
    sale = "/Sale/Invoice/Service"
    made = myob.invoice(Category=category(myob))
    assert made["Category"]["Name"] == "North"
    myob.do("preferences", changes={"CategoryTracking": "OnAndRequired"})
    myob.refuse("POST", sale, myob.sale(), "CategoryId", 4227)
    myob.do("preferences", changes={"CategoryTracking": "Off"})
    myob.refuse("POST", sale, myob.sale(Category=category(myob)), "CategoryId", 4227)


def test_job_per_line(myob: MyobClient) -> None:
    """only detail jobs, `Line_JobHeaderNotAllowed`; 4245 when required."""
    jobs = {job["Number"]: job for job in myob.items("/GeneralLedger/Job")}
    made = myob.invoice(Lines=[myob.line(Job=ref(jobs["110"]))])
    assert made["Lines"][0]["Job"]["Number"] == "110"
    header = myob.sale(Lines=[myob.line(Job=ref(jobs["100"]))])
    myob.refuse("POST", "/Sale/Invoice/Service", header, "Line_JobHeaderNotAllowed")
    myob.habit(jobs_required=True)
    myob.refuse("POST", "/Sale/Invoice/Service", myob.sale(), "JobId", 4245)


def test_a_job_of_a_customer(myob: MyobClient) -> None:
    """Jobs may emulate sub-customers (`Job.LinkedCustomer`, `ParentJob`)."""
    customer = ref(myob.customer())
    parent = ref(myob.items("/GeneralLedger/Job")[0])
    job = {"Number": "C-1", "Name": "Fair", "LinkedCustomer": customer, "ParentJob": parent}
    assert myob.create("/GeneralLedger/Job", job)["LinkedCustomer"]["UID"] == customer["UID"]


def test_location_per_item_line(myob: MyobClient) -> None:
    """`Location` per item line (`/Inventory/Location`)."""
    place = ref(myob.items("/Inventory/Location")[0])
    line = {"ShipQuantity": 1, "Total": 5, "TaxCode": myob.taxed, "Location": place}
    line["Item"] = ref(myob.items("/Inventory/Item")[0])
    made = myob.create("/Sale/Invoice/Item", myob.sale(Lines=[line]))
    assert made["Lines"][0]["Location"]["Identifier"] == "MAIN"


def test_preferences(myob: MyobClient) -> None:
    """`/Company/Preferences` and its groups."""
    found = myob.call("GET", "/Company/Preferences")
    groups = {"System", "ReportsAndForms", "Banking", "Sales", "Purchases", "Timesheets"}
    assert groups <= set(found)
    assert set(found["System"]) == {
        *("CategoryTracking", "TransactionsCannotBeChangedMustBeReversed"),
        *("LockPeriodPriorTo", "UseAlphaAccountIdentifier"),
    }
    assert myob.send("PUT", "/Company/Preferences", json={}).status_code == 405
