"""What Xero answers to what it was sent, by its documents alone: the mapping is not asked."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from libs.connector import wire
from libs.connector.interface import Answer, Request

CENT = Decimal("0.01")
RATES = {"OUTPUT2": Decimal(15), "VAT20": Decimal(20), "ODD": Decimal("8.875")}


def answer(request: Request, status: int = 200) -> Answer:
    """The answer to a create: every element stored, in order (dossier sections 3 and 4)."""
    ((resource, elements),) = json.loads(request.body, parse_float=Decimal).items()
    stored = [STORED[resource](element, n) for n, element in enumerate(elements)]
    body = {"Id": "0f0", "Status": "OK", "DateTimeUTC": "/Date(1788220800123)/", resource: stored}
    return Answer(status, {}, wire.encode(body))


def date_pair(element: Mapping[str, Any], name: str) -> dict[str, str]:
    """`/Date(ms+0000)/` and the twin without a zone (dossier section 11)."""
    at = datetime.fromisoformat(element[name]).replace(tzinfo=UTC)
    return {
        name: f"/Date({int(at.timestamp() * 1000)}+0000)/",
        f"{name}String": at.strftime("%Y-%m-%dT%H:%M:%S"),
    }


def trimmed(value: Any) -> Any:
    """Numbers come back with trimmed zeros."""
    if isinstance(value, Decimal):
        whole = value.normalize()
        return whole if whole != whole.to_integral() else Decimal(int(whole))
    return value


def document(element: Mapping[str, Any], n: int) -> dict[str, Any]:
    mode = element["LineAmountTypes"]
    lines = [_line(line, mode, f"{n}-{i}") for i, line in enumerate(element["LineItems"])]
    amount = sum((Decimal(line["LineAmount"]) for line in lines), Decimal(0))
    tax = sum((Decimal(line["TaxAmount"]) for line in lines), Decimal(0))
    net = amount - tax if mode == "Inclusive" else amount
    dates = [name for name in ("Date", "DueDate") if name in element]
    is_invoice = element["Type"] == "ACCREC"
    names = ("InvoiceID", "InvoiceNumber") if is_invoice else ("CreditNoteID", "CreditNoteNumber")
    return {
        **{k: trimmed(v) for k, v in element.items()},
        **{k: v for name in dates for k, v in date_pair(element, name).items()},
        names[0]: f"2693e40e-{n}",
        names[1]: element.get(names[1], f"INV-{n:04}"),
        "CurrencyRate": trimmed(element.get("CurrencyRate", Decimal("0.65"))),
        "LineItems": lines if is_invoice else [_without_id(line) for line in lines],
        "SubTotal": trimmed(net),
        "TotalTax": trimmed(tax),
        "Total": trimmed(net + tax),
        "UpdatedDateUTC": "/Date(1788220800100+0000)/",
        "HasErrors": False,
        "StatusAttributeString": "OK",
    }


def _line(line: Mapping[str, Any], mode: str, identity: str) -> dict[str, Any]:
    quantity, price = Decimal(line["Quantity"]), Decimal(line["UnitAmount"])
    assert quantity == round(quantity, 4)
    assert price == round(price, 4), "Xero would round the price at unitdp=4"
    kept = (100 - Decimal(line.get("DiscountRate", 0))) / 100
    amount = (quantity * price * kept).quantize(CENT, ROUND_HALF_UP)
    code = "NONE" if mode == "NoTax" else line["TaxType"]
    rate = RATES.get(code, Decimal(0))
    base = 100 + rate if mode == "Inclusive" else Decimal(100)
    tax = line.get("TaxAmount", (amount * rate / base).quantize(CENT, ROUND_HALF_UP))
    return {
        **{k: trimmed(v) for k, v in line.items()},
        "TaxType": code,
        "TaxAmount": trimmed(Decimal(tax)),
        "LineAmount": trimmed(amount),
        "LineItemID": f"820f-{identity}",
        "Tracking": [],
    }


def _without_id(line: dict[str, Any]) -> dict[str, Any]:
    """Lines of credit notes come without ids in the vendor's examples, and know no discount."""
    assert "DiscountRate" not in line
    return {name: value for name, value in line.items() if name != "LineItemID"}


def payment(element: Mapping[str, Any], n: int) -> dict[str, Any]:
    """A credit note is shown under `Invoice`, as in the vendor's example of GET /Payments."""
    note = element.get("CreditNote")
    bill = not note and element["Invoice"]["InvoiceID"].startswith("bill:")
    sold = "ACCPAY" if bill else "ACCREC"
    subject = {"InvoiceID": note["CreditNoteID"]} if note else element["Invoice"]
    shown = {k: trimmed(v) for k, v in element.items() if k != "CreditNote"}
    return {
        **shown,
        "PaymentID": f"61ed71fc-{n}",
        "Date": date_pair(element, "Date")["Date"],
        "PaymentType": "ARCREDITPAYMENT" if note else f"{sold}PAYMENT",
        "Status": "AUTHORISED",
        "Invoice": {
            **subject,
            "Type": "ACCRECCREDIT" if note else sold,
            "Contact": {"ContactID": "contact:c1", "Name": "Rata Cafe"},
            "CurrencyCode": "USD" if "CurrencyRate" in element else "NZD",
        },
        "UpdatedDateUTC": "/Date(1788220800100+0000)/",
        "HasValidationErrors": False,
    }


def batch(element: Mapping[str, Any], n: int) -> dict[str, Any]:
    """No `Payments[].Account`, only `InvoiceID` and `CurrencyCode` inside (dossier section 6)."""
    parts = [
        {
            "PaymentID": f"97ec2ef8-{n}-{i}",
            "Amount": trimmed(Decimal(part["Amount"])),
            "Invoice": {**part["Invoice"], "CurrencyCode": "NZD"},
        }
        for i, part in enumerate(element["Payments"])
    ]
    return {
        **element,
        "BatchPaymentID": f"d318c343-{n}",
        **date_pair(element, "Date"),
        "Payments": parts,
        "Type": "RECBATCH",
        "Status": "AUTHORISED",
        "TotalAmount": trimmed(sum((Decimal(part["Amount"]) for part in parts), Decimal(0))),
        "UpdatedDateUTC": "/Date(1550865987783+0000)/",
    }


def bank_transaction(element: Mapping[str, Any], n: int) -> dict[str, Any]:
    """An overpayment's, which names it (OpenAPI file)."""
    total = Decimal(element["LineItems"][0]["UnitAmount"])
    return {
        **element,
        "BankTransactionID": f"29a69c45-{n}",
        "OverpaymentID": f"7d457db3-{n}",
        **date_pair(element, "Date"),
        "Status": "AUTHORISED",
        "Total": trimmed(total),
        "UpdatedDateUTC": "/Date(1476389930500+0000)/",
    }


def contact(element: Mapping[str, Any], n: int) -> dict[str, Any]:
    return {**element, "ContactID": f"6f1d-{n}", "HasValidationErrors": False}


def item(element: Mapping[str, Any], n: int) -> dict[str, Any]:
    return {**element, "ItemID": f"c8c5-{n}"}


STORED = {
    "Invoices": document,
    "CreditNotes": document,
    "Payments": payment,
    "BatchPayments": batch,
    "BankTransactions": bank_transaction,
    "Contacts": contact,
    "Items": item,
}
