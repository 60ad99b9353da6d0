"""Section 5 of the dossier, items, tax rates, accounts, tracking, organisation."""

import re

import pytest

from tests.services.sandbox.server import Json
from tests.services.sandbox.xero.client import XeroClient, errors, unique


def sku() -> str:
    return unique("SKU")[:30]


def test_item_code_is_required_unique_and_short(xero: XeroClient) -> None:
    """`Code` required, <=30, unique ("Price List Item with Code 'X' already exists")."""
    code = "S" + sku()[:28].ljust(29, "x")
    assert len(code) == 30
    xero.create("Items", {"Code": code})
    xero.refuse("PUT", "/Items", {"Items": [{"Code": code}]}, "Price List Item with Code")
    xero.refuse("PUT", "/Items", {"Items": [{"Code": code}]}, "already exists")
    xero.refuse("PUT", "/Items", {"Items": [{"Name": "Mug"}]}, "")
    xero.refuse("PUT", "/Items", {"Items": [{"Code": code + "x"}]}, "")


ITEM_LENGTHS = {"Name": 50, "Description": 4000, "PurchaseDescription": 4000}


@pytest.mark.parametrize(("field", "length"), ITEM_LENGTHS.items())
def test_item_lengths(xero: XeroClient, field: str, length: int) -> None:
    """`Name` <=50, `Description` <=4000 (sales), `PurchaseDescription` <=4000."""
    base = {"IsSold": True, "IsPurchased": True}
    xero.create("Items", base | {"Code": sku(), field: "a" * length})
    body = {"Items": [base | {"Code": sku(), field: "a" * (length + 1)}]}
    xero.refuse("PUT", "/Items", body, "")


def test_item_read_and_find(xero: XeroClient) -> None:
    """`GET /Items/{ItemID}` (GET by Code: **UNCONFIRMED**, use `where=Code=="X"`)."""
    made = xero.create("Items", {"Code": sku(), "Name": "Mug", "Description": "A mug"})
    assert xero.read("Items", made["ItemID"])["Name"] == "Mug"
    [found] = xero.records("Items", where=f'Code=="{made["Code"]}"')
    assert found["ItemID"] == made["ItemID"]
    assert xero.send("GET", f"/Items/{made['Code']}").status_code in (200, 404)


def test_item_update(xero: XeroClient) -> None:
    """`GET/POST/DELETE /Items/{ItemID}`; `POST /Items` matches by Code or id."""
    made = xero.create("Items", {"Code": sku(), "Name": "Mug"})
    changed = xero.update("Items", made["ItemID"], {"Code": made["Code"], "Name": "Cup"})
    assert changed["Name"] == "Cup"
    again = xero.create("Items", {"Code": made["Code"], "Name": "Jug"}, "POST")
    assert (again["ItemID"], again["Name"]) == (made["ItemID"], "Jug")


def test_item_sales_and_purchase_details(xero: XeroClient) -> None:
    """`SalesDetails{UnitPrice,AccountCode,TaxType}`, `PurchaseDetails{UnitPrice,AccountCode,…}`."""
    sales = {"UnitPrice": 10, "AccountCode": xero.income, "TaxType": xero.rate()["TaxType"]}
    tax = xero.rate(field="CanApplyToExpenses")["TaxType"]
    bought = {"UnitPrice": 4, "AccountCode": xero.expense, "TaxType": tax}
    made = xero.create("Items", {"Code": sku(), "SalesDetails": sales, "PurchaseDetails": bought})
    after = xero.read("Items", made["ItemID"])
    assert (after["SalesDetails"], after["PurchaseDetails"]) == (sales, bought)
    assert (after["IsSold"], after["IsPurchased"]) == (True, True)


def test_item_not_sold_loses_its_sales_fields(xero: XeroClient) -> None:
    """Setting `IsSold:false` nulls the sales fields."""
    sales = {"UnitPrice": 10, "AccountCode": xero.income}
    made = xero.create("Items", {"Code": sku(), "Description": "A mug", "SalesDetails": sales})
    xero.update("Items", made["ItemID"], {"Code": made["Code"], "IsSold": False})
    after = xero.read("Items", made["ItemID"])
    assert after["IsSold"] is False
    assert not after.get("SalesDetails")
    assert not after.get("Description")


def test_item_tracked_inventory(xero: XeroClient) -> None:
    """Tracked inventory iff `InventoryAssetAccountCode` + `COGSAccountCode`."""
    assert xero.create("Items", {"Code": sku()})["IsTrackedAsInventory"] is False


def test_item_delete(xero: XeroClient) -> None:
    """DELETE 204; deleted items simply vanish."""
    made = xero.create("Items", {"Code": sku()})
    assert xero.send("DELETE", f"/Items/{made['ItemID']}").status_code == 204
    assert xero.send("GET", f"/Items/{made['ItemID']}").status_code == 404
    assert made["ItemID"] not in {i["ItemID"] for i in xero.records("Items")}
    xero.create("Items", {"Code": made["Code"]})


def test_tax_rates_seeded(xero: XeroClient) -> None:
    """`GET /TaxRates`: an ACTIVE sales tax rate above 0 is seeded (section 13), a zero one too."""
    assert xero.rate()["EffectiveRate"] > 0
    assert xero.rate(zero=True)["EffectiveRate"] == 0
    assert "OUTPUT2" in {r["TaxType"] for r in xero.rates}


def test_tax_rate_by_type(xero: XeroClient) -> None:
    """`GET /TaxRates/{TaxType}`."""
    rate = xero.rate()
    assert xero.read("TaxRates", rate["TaxType"]) == rate


def test_tax_components_make_the_rate(xero: XeroClient) -> None:
    """`TaxComponents[{Name,Rate,IsCompound,IsNonRecoverable}]` - a rate is the tax group."""
    for rate in xero.rates:
        assert rate["TaxComponents"], rate["Name"]
        for component in rate["TaxComponents"]:
            assert set(component) == {"Name", "Rate", "IsCompound", "IsNonRecoverable"}
        assert rate["DisplayTaxRate"] == sum(c["Rate"] for c in rate["TaxComponents"])


def test_tax_type_must_suit_the_account(xero: XeroClient) -> None:
    """Mismatch: "The TaxType code 'INPUT' cannot be used with account code '630'."."""
    bad = [r["TaxType"] for r in xero.rates if not r["CanApplyToRevenue"]]
    assert bad, "no tax rate is seeded that is not for revenue"
    text = f"The TaxType code '{bad[0]}' cannot be used with account code '{xero.income}'."
    body = {"Invoices": [xero.sale(LineItems=[xero.line(TaxType=bad[0])])]}
    xero.refuse("PUT", "/Invoices", body, text)


def test_an_unknown_tax_type_is_refused(xero: XeroClient) -> None:
    """`TaxType` per line (system or custom `TAX001`…)."""
    body = {"Invoices": [xero.sale(LineItems=[xero.line(TaxType="NONSENSE")])]}
    xero.refuse("PUT", "/Invoices", body, "")


def test_a_line_without_tax_type_takes_the_accounts(xero: XeroClient) -> None:
    """`GET /Accounts`: … `TaxType` (the account's default fills the line)."""
    default = xero.account(Class="REVENUE")["TaxType"]
    [line] = xero.invoice(LineItems=[xero.plain(10)])["LineItems"]
    assert line["TaxType"] == default


def test_accounts_seeded(xero: XeroClient) -> None:
    """Seed: ACTIVE BANK and REVENUE/SALES accounts, a DEBTORS system account (section 13)."""
    assert xero.account(Type="BANK")["Class"] == "ASSET"
    assert xero.account(Class="REVENUE")["Type"] in ("REVENUE", "SALES")
    [debtors] = [a for a in xero.accounts if a.get("SystemAccount") == "DEBTORS"]
    assert debtors["Class"] == "ASSET"
    assert any(a.get("SystemAccount") == "ROUNDING" for a in xero.accounts)


def test_account_shape(xero: XeroClient) -> None:
    """`Code` <=10, `Name` <=150, `Status ACTIVE|ARCHIVED|DELETED`; unpaged."""
    for account in xero.accounts:
        assert len(account.get("Code", "")) <= 10
        assert len(account["Name"]) <= 150
    key = xero.accounts[0]["AccountID"]
    assert xero.read("Accounts", key)["Name"] == xero.accounts[0]["Name"]


def test_an_unknown_account_is_refused(xero: XeroClient) -> None:
    """Bad one: "Account code '999' is not a valid code for this document."."""
    body = {"Invoices": [xero.sale(LineItems=[xero.line(AccountCode="9999999")])]}
    text = "Account code '9999999' is not a valid code for this document."
    xero.refuse("PUT", "/Invoices", body, text)


def test_an_archived_account_is_refused(xero: XeroClient) -> None:
    """ "Account code '310' has been archived, or has been deleted. Each line item must …"."""
    account = xero.account(Class="EXPENSE")
    fields = {"resource": "Accounts", "id": account["AccountID"]}
    xero.sandbox.bookkeeper(xero.tenant, "archive_account", **fields)
    text = f"Account code '{account['Code']}' has been archived, or has been deleted."
    xero.refuse("PUT", "/Invoices", {"Invoices": [xero.bill()]}, text)
    [after] = [a for a in xero.records("Accounts") if a["AccountID"] == account["AccountID"]]
    assert after["Status"] == "ARCHIVED"


def test_payments_need_a_bank_or_an_enabled_account(xero: XeroClient) -> None:
    """Payments need `Type=="BANK"` or `EnablePaymentsToAccount==true`."""
    closed = [
        a
        for a in xero.accounts
        if a["Type"] != "BANK" and not a["EnablePaymentsToAccount"] and a.get("Code")
    ]
    invoice = xero.untaxed(10)
    for account in closed[:3]:
        payment = xero.payment(invoice, 5, Account={"Code": account["Code"]})
        xero.refuse("PUT", "/Payments", {"Payments": [payment]}, "")


def test_tracking_category_and_options(xero: XeroClient) -> None:
    """`PUT /TrackingCategories {"Name":"Region"}`, `PUT /TrackingCategories/{id}/Options`."""
    category = new_category(xero)
    path = f"/TrackingCategories/{category['TrackingCategoryID']}/Options"
    for name in ("North", "South"):
        xero.call("PUT", path, json={"Name": name})
    [found] = [c for c in xero.records("TrackingCategories") if c["Name"] == category["Name"]]
    assert {o["Name"] for o in found["Options"]} == {"North", "South"}


def test_at_most_two_active_categories(xero: XeroClient) -> None:
    """At most 2 active categories."""
    for _ in range(2 - len(xero.records("TrackingCategories"))):
        new_category(xero)
    answer = xero.send("PUT", "/TrackingCategories", json={"Name": unique("Third")})
    assert answer.status_code == 400
    assert len(xero.records("TrackingCategories")) == 2


def test_tracking_names_of_100(xero: XeroClient) -> None:
    """Names <=100."""
    assert xero.send("PUT", "/TrackingCategories", json={"Name": "a" * 101}).status_code == 400
    assert xero.send("PUT", "/TrackingCategories", json={"Name": "a" * 100}).status_code == 200


def new_category(xero: XeroClient) -> Json:
    body = {"Name": unique("Region")}
    found: list[Json] = xero.call("PUT", "/TrackingCategories", json=body)["TrackingCategories"]
    return found[0]


def test_organisation(xero: XeroClient) -> None:
    """`GET /Organisation`: `BaseCurrency`, `CountryCode`, `Timezone`, …, `IsDemoCompany`."""
    [organisation] = xero.get("/Organisation")["Organisations"]
    assert (organisation["BaseCurrency"], organisation["CountryCode"]) == ("NZD", "NZ")
    assert organisation["Timezone"] == "NEWZEALANDSTANDARDTIME"
    assert organisation["OrganisationStatus"] == "ACTIVE"
    assert organisation["ShortCode"].startswith("!")
    assert re.fullmatch(r"AU|NZ|GLOBAL|UK|US|\w+ONRAMP", organisation["Version"])


def test_organisation_shows_its_lock_dates(xero: XeroClient) -> None:
    """`PeriodLockDate`, `EndOfYearLockDate`: read at connect and daily."""
    dates = {"period_lock_date": "2026-03-31", "end_of_year_lock_date": "2025-12-31"}
    xero.sandbox.bookkeeper(xero.tenant, "lock", **dates)
    [organisation] = xero.get("/Organisation")["Organisations"]
    assert organisation["PeriodLockDate"] == "/Date(1774915200000+0000)/"
    assert organisation["EndOfYearLockDate"] == "/Date(1767139200000+0000)/"


def test_contact_groups_are_labels(xero: XeroClient) -> None:
    """Sub-customers: none. `ContactGroups` are labels only."""
    assert not errors(xero.contact())
    assert isinstance(xero.records("ContactGroups"), list)
