"""python-quickbooks and intuit-oauth as their documentation tells to set them up."""

from typing import Any

from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from quickbooks import QuickBooks
from quickbooks.objects import Account, Customer, Invoice, Item, Payment, PaymentMethod
from quickbooks.objects.base import CustomerMemo
from quickbooks.objects.detailline import SalesItemLine, SalesItemLineDetail
from quickbooks.objects.payment import PaymentLine

from tests.services.sandbox.quickbooks_online.client import unique
from tests.services.sandbox.quickbooks_online.oauth import APP, REDIRECT, back
from tests.services.sandbox.server import Sandbox


class Sdk:
    """Both clients, signed in, with a company of their own."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        made = sandbox.control("POST", "/companies", {"name": unique("Ridge"), "country": "US"})
        self.realm = made["id"]
        discovery = f"{sandbox.root}/.well-known/openid_configuration/"
        self.auth = AuthClient(*APP, REDIRECT, discovery)
        asked = self.auth.get_authorization_url([Scopes.ACCOUNTING, Scopes.OPENID], "st")
        url = f"{asked}&auto=1&company={self.realm}"
        answer = back(sandbox.raw.get(url, follow_redirects=False))
        assert answer["state"] == "st"
        self.auth.get_bearer_token(answer["code"], realm_id=answer["realmId"])
        self.qb = QuickBooks(
            auth_client=self.auth,
            refresh_token=self.auth.refresh_token,
            company_id=self.realm,
            minorversion=75,
            use_decimal=True,
        )

    def close(self) -> None:
        """No socket is left open."""
        self.auth.close()
        self.qb.session.close()

    def customer(self, **fields: Any) -> Any:
        """A customer."""
        made = Customer()
        made.DisplayName = unique("Blue Heron")
        for key, value in fields.items():
            setattr(made, key, value)
        return made.save(qb=self.qb)

    def line(self, amount: Any = 100) -> Any:
        """A sales line as the client's own tests make it."""
        line = SalesItemLine()
        line.LineNum = 1
        line.Description = "description"
        line.Amount = amount
        line.SalesItemLineDetail = SalesItemLineDetail()
        line.SalesItemLineDetail.ItemRef = Item.all(max_results=1, qb=self.qb)[0].to_ref()
        return line

    def invoice(self, customer: Any = None, amount: Any = 100, **save: Any) -> Any:
        """An invoice that was taken."""
        made = Invoice()
        made.Line.append(self.line(amount))
        made.CustomerRef = (customer or self.customer()).to_ref()
        made.CustomerMemo = CustomerMemo()
        made.CustomerMemo.value = "Customer Memo"
        return made.save(qb=self.qb, **save)

    def payment(self, invoice: Any, amount: Any) -> Any:
        """A payment of an invoice."""
        made = Payment()
        made.TotalAmt = amount
        made.CustomerRef = invoice.CustomerRef
        made.PaymentMethodRef = PaymentMethod.all(max_results=1, qb=self.qb)[0].to_ref()
        line = PaymentLine()
        line.Amount = amount
        line.LinkedTxn.append(invoice.to_linked_txn())
        made.Line.append(line)
        return made.save(qb=self.qb)

    def account(self, where: str) -> Any:
        """A reference to an account."""
        return Account.where(where, qb=self.qb)[0].to_ref()
