"""Currencies and the closing date: dossier sections 4 and 10."""

from decimal import Decimal

import pytest

from tests.services.sandbox.quickbooks_online.client import Qbo, connect, token_of
from tests.services.sandbox.server import Sandbox


def test_multicurrency(sandbox: Sandbox) -> None:
    """Section 4: an invoice's currency is the customer's; ExchangeRate is home per foreign."""
    qbo = connect(sandbox, multicurrency=True)
    euro = {"CurrencyRef": {"value": "EUR"}}
    customer = qbo.customer(**euro)
    ref = {"CustomerRef": {"value": customer["Id"]}}
    assert qbo.refused("Invoice", qbo.sale(**ref))["code"] == "2020"
    dollars = {"CurrencyRef": {"value": "USD"}}
    assert qbo.refused("Invoice", qbo.sale(**ref, **dollars))["code"] == "6000"
    made = qbo.invoice(100, **ref, **euro, ExchangeRate=1.1)
    assert (made["ExchangeRate"], made["HomeTotalAmt"]) == (Decimal("1.1"), 110)
    assert qbo.ledger("Accounts Receivable (A/R)") == 110
    qbo.pay(made, **euro, ExchangeRate=1.25)
    assert qbo.ledger("Undeposited Funds") == 125
    assert qbo.ledger("Accounts Receivable (A/R)") == 0
    assert qbo.ledger("Exchange Gain or Loss") == -15
    assert qbo.invoice(100, **ref, **euro)["ExchangeRate"] == Decimal("1.09")
    qbo.settings(currency_required=False)
    assert qbo.invoice(100, **ref)["CurrencyRef"]["value"] == "EUR"
    wire = {"DisplayName": "Other", "CurrencyRef": {"value": "USD"}} | token_of(customer)
    assert qbo.refused("Customer", wire)["code"] == "6000"
    qbo.balanced()


def test_no_foreign_currency_without_multicurrency(qbo: Qbo) -> None:
    """Section 4: currency only with multicurrency on."""
    assert qbo.refused("Invoice", qbo.sale(CurrencyRef={"value": "EUR"}))["code"] == "6000"
    euro = {"DisplayName": "E", "CurrencyRef": {"value": "EUR"}}
    assert qbo.refused("Customer", euro)["code"] == "6000"


@pytest.mark.parametrize(
    ("password", "code", "expected"),
    [(False, "", "6210"), (True, "", "6200"), (False, "5010", "5010")],
)
def test_closed_books(qbo: Qbo, password: bool, code: str, expected: str) -> None:
    """Section 10: 6200 with a closing password, 6210 without; one report shows 5010."""
    made = qbo.invoice(TxnDate="2026-03-01")
    qbo.settings(closed_code=code)
    qbo.person("lock", period_lock_date="2026-03-31", password=password)
    prefs = qbo.call("GET", "/preferences")["Preferences"]
    assert prefs["AccountingInfoPrefs"]["BookCloseDate"] == "2026-03-31"
    assert qbo.refused("Invoice", qbo.sale(TxnDate="2026-03-31"))["code"] == expected
    wire = token_of(made) | {"sparse": True, "PrivateNote": "x"}
    error = qbo.refused("Invoice", wire)
    assert error["code"] == expected
    assert "Account Period Closed" in error["Message"]
    for operation in ("void", "delete"):
        refused = qbo.refused("Invoice", token_of(made), operation=operation)
        assert refused["code"] == expected
    assert qbo.pay(made, TxnDate="2026-04-01")["UnappliedAmt"] == 0
    qbo.person("lock")
    assert qbo.invoice(TxnDate="2026-03-01")["TotalAmt"] == 100
