"""The vendor's SDK as its documentation tells to set it up, pointed at the sandbox."""

import time
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from xero_python.accounting import AccountingApi
from xero_python.accounting.models import (
    Account,
    Contact,
    Invoice,
    Invoices,
    LineAmountTypes,
    LineItem,
    Payment,
    Payments,
)
from xero_python.api_client import ApiClient
from xero_python.api_client.configuration import Configuration
from xero_python.api_client.oauth2 import OAuth2Token
from xero_python.identity import IdentityApi

from tests.services.sandbox.server import Json, Sandbox
from tests.services.sandbox.xero.client import unique
from tests.services.sandbox.xero.oauth import APP, sign_in

DAY = date(2026, 9, 1)


class Sdk:
    """The SDK, signed in, with a company of its own."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.company: str = sandbox.company()["id"]
        self.token: Json = {}
        self.save(sign_in(sandbox))
        self.token["scope"] = self.token["scope"].split()
        configuration = Configuration()
        configuration.oauth2_token = OAuth2Token(client_id=APP[0], client_secret=APP[1])
        self.client = ApiClient(
            configuration,
            oauth2_token_getter=lambda: self.token,
            oauth2_token_saver=self.save,
        )
        self.accounting = AccountingApi(self.client, base_url=f"{sandbox.root}/api.xro/2.0")
        self.identity = IdentityApi(self.client, base_url=sandbox.root)

    def save(self, token: Json) -> None:
        """Keep a token set, with the moment it expires."""
        self.token = dict(token)
        if token["expires_in"] and "expires_at" not in token:
            self.token["expires_at"] = time.time() + token["expires_in"]

    def sale(self, **fields: Any) -> Invoice:
        """An approved invoice over 100."""
        line = LineItem(
            description="Flyers",
            quantity=Decimal(2),
            unit_amount=Decimal("50.00"),
            account_code=self.account("REVENUE", "SALES").code,
        )
        whole = {
            "type": "ACCREC",
            "contact": Contact(name=unique("Rata Cafe")),
            "date": DAY,
            "due_date": DAY + timedelta(days=14),
            "status": "AUTHORISED",
            "line_amount_types": LineAmountTypes.NOTAX,
            "line_items": [line],
        }
        return Invoice(**whole | fields)

    def invoice(self, **fields: Any) -> Invoice:
        """One invoice that was taken."""
        invoices = Invoices(invoices=[self.sale(**fields)])
        answer = self.accounting.create_invoices(self.company, invoices, summarize_errors=False)
        [made] = answer.invoices
        assert not made.has_errors, made.validation_errors
        return made

    def account(self, *types: str) -> Account:
        """An account of one of these types."""
        found = self.accounting.get_accounts(self.company).accounts
        return next(a for a in found if str(getattr(a.type, "value", a.type)) in types)

    def payment(self, invoice: Invoice, amount: str) -> Payment:
        """The body of a payment."""
        return Payment(
            invoice=Invoice(invoice_id=invoice.invoice_id),
            account=Account(account_id=self.account("BANK").account_id),
            date=DAY,
            amount=Decimal(amount),
        )

    def pay(self, invoice: Invoice, amount: str) -> Payment:
        """A payment that was taken."""
        payments = Payments(payments=[self.payment(invoice, amount)])
        [made] = self.accounting.create_payments(self.company, payments).payments
        return made

    def read(self, invoice: Invoice) -> Invoice:
        """One invoice read again."""
        [found] = self.accounting.get_invoice(self.company, invoice.invoice_id).invoices
        return found
