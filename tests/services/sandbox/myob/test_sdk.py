"""The independent client pymyob (BSD-3), end to end over HTTP: it knows nothing of this sandbox."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from myob import Myob
from myob.constants import AuthScope
from myob.credentials import PartnerCredentials
from myob.exceptions import (
    MyobBadRequest,
    MyobConflict,
    MyobForbidden,
    MyobGatewayTimeout,
    MyobNotFound,
    MyobRateLimitExceeded,
    MyobUnauthorized,
)

from tests.services.sandbox.myob.client import DAY, unique
from tests.services.sandbox.myob.oauth import REDIRECT
from tests.services.sandbox.server import Sandbox

SCOPES = tuple(
    scope
    for scope in AuthScope
    if scope not in {AuthScope.PAYROLL, AuthScope.TIMEBILLING, AuthScope.CONTACTS_PERSONAL}
)


class Client:
    """pymyob, signed in, with a company file of its own."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.company: str = sandbox.company(country="AU", currency="AUD")["id"]
        self.credentials = PartnerCredentials("sandbox", "sandbox-secret", REDIRECT, scopes=SCOPES)
        answer = sandbox.raw.get(
            self.credentials.url + f"&auto=1&company={self.company}", follow_redirects=False
        )
        back = parse_qs(urlsplit(answer.headers["location"]).query)
        self.credentials.verify(back["code"][0], back["businessId"][0])
        self.api = Myob(self.credentials)

    def ref(self, found: Any) -> dict[str, Any]:
        """A reference to the first of a collection."""
        return {"UID": found["Items"][0]["UID"]}

    def tax(self) -> dict[str, Any]:
        return self.ref(self.api.general_ledger.taxcode(Code="GST"))

    def account(self, type_: str) -> dict[str, Any]:
        text = f"Type eq '{type_}' and IsHeader eq false"
        return self.ref(self.api.general_ledger.account(raw_filter=text))

    def customer(self, **fields: Any) -> dict[str, Any]:
        details = {"TaxCode": self.tax(), "FreightTaxCode": self.tax()}
        card = {"CompanyName": unique("Rata"), "IsIndividual": False, "SellingDetails": details}
        made: dict[str, Any] = self.api.contacts.post_customer(data=card | fields)
        return made

    def sale(self, **fields: Any) -> dict[str, Any]:
        line = {"Total": 100, "Account": self.account("Income"), "TaxCode": self.tax()}
        body = {"Date": DAY, "IsTaxInclusive": False, "Lines": [line]}
        return body | {"Customer": {"UID": self.customer()["UID"]}} | fields

    def invoice(self, **fields: Any) -> dict[str, Any]:
        made: dict[str, Any] = self.api.invoices.post_service(data=self.sale(**fields))
        return made

    def payment(self, invoice: dict[str, Any], amount: float) -> dict[str, Any]:
        return {
            "Account": self.account("Bank"),
            "Customer": {"UID": invoice["Customer"]["UID"]},
            "Date": DAY,
            "Invoices": [{"UID": invoice["UID"], "AmountApplied": amount, "Type": "Invoice"}],
        }


@pytest.fixture(autouse=True)
def addresses(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's URLs are constants of its modules, to be overridden."""
    name = "strict" if "strict" in request.fixturenames else "sandbox"
    root = request.getfixturevalue(name).root
    monkeypatch.setattr("myob.managers.MYOB_BASE_URL", f"{root}/accountright/")
    monkeypatch.setattr("myob.credentials.MYOB_PARTNER_BASE_URL", f"{root}/oauth2/")
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture
def sdk(sandbox: Sandbox) -> Client:
    """Connected to a company file made for this test."""
    return Client(sandbox)


def test_the_business(sdk: Client) -> None:
    """OAuth by the client itself; `business()` reads `CompanyFile`."""
    assert sdk.credentials.verified
    assert not sdk.credentials.expired()
    assert sdk.api.business()["Id"] == sdk.company
    assert sdk.api.info()


def test_refresh(sdk: Client) -> None:
    """An expired token is a 401; the client refreshes and goes on."""
    old = sdk.credentials.refresh_token
    sdk.sandbox.advance(1_201)
    with pytest.raises(MyobUnauthorized):
        sdk.api.business()
    sdk.credentials.refresh()
    assert sdk.credentials.refresh_token != old
    assert Myob(sdk.credentials).business()


def test_customers(sdk: Client) -> None:
    """Create, read, replace, find, list and delete a card."""
    contacts = sdk.api.contacts
    made = sdk.customer(DisplayID="C-77", CompanyName="O'Brien")
    assert contacts.get_customer(uid=made["UID"])["CompanyName"] == "O'Brien"
    whole = contacts.get_customer(uid=made["UID"]) | {"Notes": "good"}
    assert contacts.put_customer(uid=made["UID"], data=whole)["Notes"] == "good"
    with pytest.raises(MyobConflict) as stale:
        contacts.put_customer(uid=made["UID"], data=whole)
    assert stale.value.errors[0]["Name"] == "IncorrectRowVersionSupplied"
    assert contacts.customer(DisplayID=["C-77", "C-78"])["Count"] == 1
    moment = datetime(2026, 9, 1, 12, tzinfo=UTC).replace(tzinfo=None)
    assert contacts.customer(LastModified__gt=moment)["Count"] == 1
    assert contacts.all()["Count"] == 1
    assert contacts.delete_customer(uid=made["UID"]) in (b"", {})
    with pytest.raises(MyobNotFound):
        contacts.get_customer(uid=made["UID"])


def test_invoices(sdk: Client) -> None:
    """Create, find, read as PDF, replace, stale, delete."""
    invoices = sdk.api.invoices
    made = sdk.invoice(Number="KP-1")
    assert (made["TotalAmount"], made["Status"]) == (110, "Open")
    assert invoices.all(Number="KP-1")["Items"][0]["InvoiceType"] == "Service"
    assert invoices.service(Date__gt=date(2026, 8, 31))["Count"] == 1
    assert invoices.get_service(uid=made["UID"], format="pdf").startswith(b"%PDF")
    whole = invoices.get_service(uid=made["UID"]) | {"Comment": "thanks"}
    assert invoices.put_service(uid=made["UID"], data=whole)["Comment"] == "thanks"
    with pytest.raises(MyobConflict):
        invoices.put_service(uid=made["UID"], data=whole)
    with pytest.raises(MyobBadRequest) as missing:
        invoices.post_service(data={"Number": "KP-2"})
    assert {error["Name"] for error in missing.value.errors} == {"Required"}
    invoices.delete_service(uid=made["UID"])
    assert invoices.service()["Count"] == 0


def test_item_invoices(sdk: Client) -> None:
    """An item and an invoice of it."""
    details = {"BaseSellingPrice": 12.5, "TaxCode": sdk.tax()}
    item = sdk.api.inventory.post_item(
        data={
            "Number": "CARD",
            "Name": "Cards",
            "IsSold": True,
            "IncomeAccount": sdk.account("Income"),
            "SellingDetails": details,
        }
    )
    line = {"ShipQuantity": 2, "UnitPrice": 12.5, "Total": 25, "Item": {"UID": item["UID"]}}
    made = sdk.api.invoices.post_item(data=sdk.sale(Lines=[line | {"TaxCode": sdk.tax()}]))
    assert made["TotalAmount"] == 27.5
    assert sdk.api.inventory.item(Number="CARD")["Count"] == 1


def test_payments(sdk: Client) -> None:
    """Pay, list, delete; there is no PUT."""
    invoice, payments = sdk.invoice(), sdk.api.customer_payments
    made = payments.post(data=sdk.payment(invoice, 60))
    assert payments.get(uid=made["UID"])["AmountReceived"] == 60
    assert payments.all()["Count"] == 1
    assert sdk.api.invoices.get_service(uid=invoice["UID"])["BalanceDueAmount"] == 50
    assert not hasattr(payments, "put")
    payments.delete(uid=made["UID"])
    assert sdk.api.invoices.get_service(uid=invoice["UID"])["BalanceDueAmount"] == 110


def test_credits(sdk: Client) -> None:
    """A negative invoice is applied to another and paid out."""
    card = {"UID": sdk.customer()["UID"]}
    line = {"Total": -50, "Account": sdk.account("Income"), "TaxCode": sdk.tax()}
    credit = sdk.invoice(Customer=card, Lines=[line])
    invoice = sdk.invoice(Customer=card)
    applied = {"Type": "Invoice", "Sale": {"UID": invoice["UID"]}, "AmountApplied": 25}
    head = {"CreditFromInvoice": {"UID": credit["UID"]}, "Customer": card, "Date": DAY}
    settled = sdk.api.credit_settlements.post(data=head | {"Lines": [applied]})
    assert settled["CreditAmount"] == 25
    refund = {"Date": DAY, "Amount": 30, "Account": sdk.account("Bank"), "Customer": card}
    sdk.api.credit_refunds.post(data=refund | {"Invoice": {"UID": credit["UID"]}})
    assert sdk.api.invoices.get_service(uid=credit["UID"])["Status"] == "Closed"


def test_purchases(sdk: Client) -> None:
    """A supplier, a bill, its payment."""
    details = {"TaxCode": sdk.tax(), "FreightTaxCode": sdk.tax()}
    card = {"CompanyName": "Paper Ltd", "IsIndividual": False, "BuyingDetails": details}
    supplier = {"UID": sdk.api.contacts.post_supplier(data=card)["UID"]}
    line = {"Total": 110, "Account": sdk.account("Expense"), "TaxCode": sdk.tax()}
    body = {"Date": DAY, "Supplier": supplier, "Lines": [line]}
    bill = sdk.api.purchase_bills.post_service(data=body)
    assert bill["TotalTax"] == 10
    paid = {"Type": "Bill", "Purchase": {"UID": bill["UID"]}, "AmountApplied": 110}
    head = {"Account": sdk.account("Bank"), "Supplier": supplier, "Date": DAY}
    sdk.api.supplier_payments.post(data=head | {"Lines": [paid]})
    assert sdk.api.purchase_bills.get_service(uid=bill["UID"])["Status"] == "Closed"


def test_pages(sdk: Client) -> None:
    """`page` and `limit` of the client; `orderby`."""
    names = []
    for page in range(1, 5):
        found = sdk.api.general_ledger.account(page=page, limit=8, orderby="DisplayID desc")
        names += [account["DisplayID"] for account in found["Items"]]
    assert names == sorted(names, reverse=True)
    assert len(set(names)) == len(names) == found["Count"]


def test_settings(sdk: Client) -> None:
    """Preferences, categories, jobs, locations, the journal, money spent."""
    assert sdk.api.company.preferences()["System"]["CategoryTracking"]
    assert sdk.api.general_ledger.category()["Count"] == 2
    assert sdk.api.general_ledger.job(IsHeader=False)["Count"] == 1
    assert sdk.api.inventory.location()["Count"] == 2
    sdk.invoice()
    assert sdk.api.general_ledger.journaltransaction()["Count"] == 1
    line = {"Account": sdk.account("Expense"), "Amount": 11, "TaxCode": sdk.tax()}
    body = {"Account": sdk.account("Bank"), "Date": DAY, "Lines": [line]}
    assert Decimal(str(sdk.api.banking.post_spendmoneytxn(data=body)["AmountPaid"])) == 11


def test_refusals(sdk: Client) -> None:
    """The client tells a throttle from a missing right by the name of the 403."""
    sdk.sandbox.fault("throttle")
    with pytest.raises(MyobRateLimitExceeded):
        sdk.api.business()
    sdk.sandbox.bookkeeper(sdk.company, "remove_user")
    with pytest.raises(MyobForbidden) as denied:
        sdk.api.business()
    assert denied.value.errors[0]["Name"] == "AccessDenied"
    sdk.sandbox.bookkeeper(sdk.company, "restore_user")
    sdk.sandbox.fault("error-after", path="/Sale", status=504)
    with pytest.raises(MyobGatewayTimeout):
        sdk.invoice(Number="KP-9")
    assert sdk.api.invoices.all(Number="KP-9")["Count"] == 1


def test_the_limit_of_the_client(strict: Sandbox) -> None:
    """8 a second: the client meets the sandbox's own limit and is served after it."""
    sdk = Client(strict)

    def hurry() -> None:
        for _ in range(500):
            sdk.api.business()

    with pytest.raises(MyobRateLimitExceeded):
        hurry()
    strict.advance(1)
    assert sdk.api.business()
