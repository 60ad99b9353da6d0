"""The independent clients python-quickbooks and intuit-oauth, on lists, purchases and files."""

from quickbooks.objects import (
    Account,
    Attachable,
    AttachableRef,
    Bill,
    BillPayment,
    CreditMemo,
    Department,
    Item,
    Preferences,
    PurchaseOrder,
    RefundReceipt,
    SalesReceipt,
    TaxAgency,
    TaxCode,
    TaxRate,
    Term,
    Vendor,
)
from quickbooks.objects.billpayment import BillPaymentLine, CheckPayment
from quickbooks.objects.company_info import CompanyInfo
from quickbooks.objects.creditmemo import SalesItemLine as MemoLine
from quickbooks.objects.detailline import (
    AccountBasedExpenseLine,
    AccountBasedExpenseLineDetail,
    ItemBasedExpenseLine,
    ItemBasedExpenseLineDetail,
)
from quickbooks.objects.taxservice import TaxRateDetails, TaxService
from quickbooks.objects.trackingclass import Class

from tests.services.sandbox.quickbooks_online.client import (
    unique,
)
from tests.services.sandbox.quickbooks_online.sdk import Sdk


def test_lists(sdk: Sdk) -> None:
    """Items, accounts, terms, classes, departments, taxes, preferences, company."""
    qb = sdk.qb
    item = Item()
    item.Name, item.Type, item.Sku = unique("Mug"), "NonInventory", "SKU123"
    item.IncomeAccountRef = sdk.account("AccountType = 'Income'")
    item.ExpenseAccountRef = sdk.account("AccountSubType = 'SuppliesMaterialsCogs'")
    made = item.save(qb=qb)
    assert [i.Sku for i in Item.all(qb=qb) if i.Id == made.Id] == ["SKU123"]
    account = Account()
    account.Name, account.AccountSubType = unique("Test"), "Checking"
    assert account.save(qb=qb).AccountType == "Bank"
    assert len(Term.all(qb=qb)) == 3
    for entity in (Class, Department):
        one = entity()
        one.Name = unique("x")
        assert one.save(qb=qb).FullyQualifiedName == one.Name
    assert {code.Name for code in TaxCode.all(qb=qb)} > {"TAX", "NON"}
    assert TaxRate.all(qb=qb)[0].RateValue > 0
    agency = TaxAgency.all(qb=qb)[0]
    service, detail = TaxService(), TaxRateDetails()
    service.TaxCode = detail.TaxRateName = unique("Tax")
    detail.RateValue, detail.TaxAgencyId = 10, agency.Id
    service.TaxRateDetails.append(detail)
    answer = service.save(qb=qb)
    assert (answer.TaxCode, answer.TaxRateDetails[0].RateValue) == (service.TaxCode, 10)
    assert Preferences.get(qb=qb).SalesFormsPrefs.CustomTxnNumbers is False
    [company] = CompanyInfo.all(qb=qb)
    assert CompanyInfo.get(sdk.realm, qb=qb).CompanyName == company.CompanyName


def test_other_sales(sdk: Sdk) -> None:
    """Credit memo, sales receipt, refund receipt."""
    memo = CreditMemo()
    memo.CustomerRef = sdk.customer().to_ref()
    line = MemoLine()
    line.Amount = 30
    line.SalesItemLineDetail = sdk.line().SalesItemLineDetail
    memo.Line.append(line)
    assert memo.save(qb=sdk.qb).RemainingCredit == 30
    sale = SalesReceipt()
    sale.Line.append(sdk.line(20))
    assert sale.save(qb=sdk.qb).TotalAmt == 20
    refund = RefundReceipt()
    refund.Line.append(sdk.line(10))
    refund.DepositToAccountRef = sdk.account("Name = 'checking'")
    assert refund.save(qb=sdk.qb).TotalAmt == 10


def test_purchases(sdk: Sdk) -> None:
    """Purchase order, bill from it, bill payment and its void."""
    qb = sdk.qb
    vendor = Vendor()
    vendor.DisplayName = unique("Acme")
    vendor = vendor.save(qb=qb)
    order = PurchaseOrder()
    line = ItemBasedExpenseLine()
    line.Amount = 100
    line.ItemBasedExpenseLineDetail = ItemBasedExpenseLineDetail()
    line.ItemBasedExpenseLineDetail.UnitPrice = 100
    line.ItemBasedExpenseLineDetail.Qty = 1
    code = TaxCode.all(max_results=1, qb=qb)[0]
    line.ItemBasedExpenseLineDetail.TaxCodeRef = code.to_ref()
    item = Item.filter(Type="Inventory", max_results=1, qb=qb)[0]
    line.ItemBasedExpenseLineDetail.ItemRef = item.to_ref()
    order.Line.append(line)
    order.VendorRef = vendor.to_ref()
    order.TotalAmt = 100
    order = order.save(qb=qb)
    detail = PurchaseOrder.get(order.Id, qb=qb).Line[0].ItemBasedExpenseLineDetail
    assert detail.TaxCodeRef.value == code.Name
    bill = Bill()
    bill.VendorRef = vendor.to_ref()
    cost = AccountBasedExpenseLine()
    cost.Amount = 200
    cost.AccountBasedExpenseLineDetail = AccountBasedExpenseLineDetail()
    cost.AccountBasedExpenseLineDetail.AccountRef = sdk.account("AccountType = 'Expense'")
    bill.Line.append(cost)
    bill = bill.save(qb=qb)
    paid = BillPayment()
    paid.PayType, paid.TotalAmt, paid.PrivateNote = "Check", 200, "Private Note"
    paid.VendorRef = vendor.to_ref()
    paid.CheckPayment = CheckPayment()
    paid.CheckPayment.BankAccountRef = sdk.account("AccountSubType = 'Checking'")
    paid.APAccountRef = sdk.account("AccountSubType = 'AccountsPayable'")
    part = BillPaymentLine()
    part.LinkedTxn.append(bill.to_linked_txn())
    part.Amount = 200
    paid.Line.append(part)
    paid = paid.save(qb=qb)
    assert Bill.get(bill.Id, qb=qb).Balance == 0
    BillPayment.get(paid.Id, qb=qb).void(qb=qb)
    assert "Voided" in BillPayment.get(paid.Id, qb=qb).PrivateNote


def test_attachments(sdk: Sdk) -> None:
    """A note, and a file by the client's own hand-made multipart body."""
    made = sdk.invoice()
    note = Attachable()
    ref = AttachableRef()
    ref.EntityRef = made.to_ref()
    note.AttachableRef.append(ref)
    note.Note = "Sample note"
    stored = note.save(qb=sdk.qb)
    assert Attachable.get(stored.Id, qb=sdk.qb).Note == "Sample note"
    file = Attachable()
    file.AttachableRef.append(ref)
    file.FileName, file.ContentType = "doc.txt", "text/plain"
    file._FileBytes = b"hello"
    assert file.save(qb=sdk.qb).FileName == "doc.txt"
