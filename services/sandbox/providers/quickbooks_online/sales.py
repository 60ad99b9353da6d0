"""Sales forms: invoices, credit memos, sales and refund receipts, estimates."""

from decimal import Decimal

from services.sandbox.providers.quickbooks_online.accounts import MONEY_PLACES, chosen
from services.sandbox.providers.quickbooks_online.call import Call, is_blank
from services.sandbox.providers.quickbooks_online.documents import (
    HEADER,
    dated,
    in_currency,
    numbered,
    tracked,
)
from services.sandbox.providers.quickbooks_online.errors import Wire, business, required
from services.sandbox.providers.quickbooks_online.fields import (
    Spec,
    address,
    choice,
    customer_ref,
    day,
    email,
    number,
    read,
    ref,
    text,
    truth,
    wrapped,
)
from services.sandbox.providers.quickbooks_online.lines import DISCOUNT, SALES, lines_of, sold
from services.sandbox.providers.quickbooks_online.money import ZERO
from services.sandbox.providers.quickbooks_online.posting import carried
from services.sandbox.providers.quickbooks_online.table import Row
from services.sandbox.providers.quickbooks_online.taxing import Taxable, taxed
from services.sandbox.providers.quickbooks_online.terms import due_date

ONLINE = ("AllowIPNPayment", "AllowOnlinePayment", "AllowOnlineCreditCardPayment")
FORM: Spec = {
    **HEADER,
    "CustomerMemo": wrapped("value", 1000),
    "BillAddr": address,
    "ShipAddr": address,
    "BillEmail": email,
    "BillEmailCc": email,
    "BillEmailBcc": email,
    "ShipDate": day,
    "TrackingNum": text(31),
    "PONumber": text(15),
    "ApplyTaxAfterDiscount": truth,
    "PrintStatus": choice("NotSet", "NeedToPrint", "PrintComplete"),
    "EmailStatus": choice("NotSet", "NeedToSend", "EmailSent"),
}
DEFAULTS = {"ApplyTaxAfterDiscount": False, "PrintStatus": "NeedToPrint", "EmailStatus": "NotSet"}
PAID: Spec = {"PaymentMethodRef": ref("PaymentMethod"), "PaymentRefNum": text(21)}
TERMS: Spec = {"SalesTermRef": ref("Term"), "DueDate": day}
EXTRA: dict[str, Spec] = {
    "Invoice": {
        **TERMS,
        "Deposit": number(),
        **dict.fromkeys((*ONLINE, "AllowOnlineACHPayment"), truth),
    },
    "Estimate": {"ExpirationDate": day, **TERMS},
    "CreditMemo": {"SalesTermRef": ref("Term")},
    "SalesReceipt": PAID,
    "RefundReceipt": {**PAID, "PaymentType": choice("Cash", "Check", "CreditCard", "Other")},
}
NEGATIVE = "Enter a transaction amount that is 0 or greater."


def form(entity: str, call: Call, wire: Wire, before: Row | None) -> Row:
    """One sales form with its totals; raises Invalid."""
    row = {"DocNumber": None, **read(call, {**FORM, **EXTRA[entity]}, wire, before)}
    customer = _customer(entity, call, wire, before, row)
    row["DocNumber"] = numbered(call, entity, wire, before)
    dated(call, row)
    tracked(call, row)
    in_currency(call, wire, before, row, customer)
    _inherited(call, row, customer)
    if entity in {"Invoice", "Estimate"}:
        row["DueDate"] = due_date(call, wire, row, customer)
    row["Line"] = lines_of(call, wire, before)
    _totalled(call, wire, before, row)
    for key, value in DEFAULTS.items():
        row.setdefault(key, before[key] if before else value)
    _finished(entity, call, wire, before, row)
    if row["DocNumber"] is None:
        del row["DocNumber"]
    return carried(before, row)


def _customer(entity: str, call: Call, wire: Wire, before: Row | None, row: Row) -> Row | None:
    """Puts in CustomerRef; forms paid at once need none."""
    kept = call.sparse and before is not None and is_blank(wire.get("CustomerRef"))
    if kept and before is not None and "CustomerRef" in before:
        row["CustomerRef"] = before["CustomerRef"]
    elif not is_blank(wire.get("CustomerRef")):
        row["CustomerRef"] = customer_ref(call, wire["CustomerRef"], "CustomerRef")
    elif entity not in {"SalesReceipt", "RefundReceipt"}:
        raise required("CustomerRef")
    else:
        return None
    if before and before.get("_links") and before["CustomerRef"] != row["CustomerRef"]:
        raise business("The customer cannot be changed while payments are applied.")
    return call.books.tables["Customer"].rows[row["CustomerRef"]["value"]]


def _inherited(call: Call, row: Row, customer: Row | None) -> None:
    """Address and e-mail come from the customer where the form has none."""
    if customer is None:
        return
    for key in ("BillAddr", "ShipAddr"):
        if key in customer and key not in row:
            row[key] = (
                _free(customer[key]) if call.books.habits.free_form_addresses else customer[key]
            )
    if "PrimaryEmailAddr" in customer:
        row.setdefault("BillEmail", customer["PrimaryEmailAddr"])


def _free(known: Wire) -> Wire:
    """An address as free lines Line1 to Line4."""
    town = [str(known[k]) for k in ("City", "CountrySubDivisionCode", "PostalCode") if k in known]
    lines = [known.get("Line1"), known.get("Line2"), ", ".join(town), known.get("Country")]
    kept = [line for line in lines if line]
    return {"Id": known["Id"], **{f"Line{at}": line for at, line in enumerate(kept, 1)}}


def _totalled(call: Call, wire: Wire, before: Row | None, row: Row) -> None:
    discount = sum((x["Amount"] for x in row["Line"] if x["DetailType"] == DISCOUNT), ZERO)
    details = [(line, line[SALES]) for line in sold(row["Line"])]
    base = Taxable(details, discount, row.get("ApplyTaxAfterDiscount", False))
    row["TxnTaxDetail"] = taxed(call, wire, before, row, base)
    row["TotalAmt"] = base.net() - discount + row["TxnTaxDetail"]["TotalTax"]
    for line in row["Line"]:
        if line["DetailType"] == "SubTotalLineDetail":
            line["Amount"] = base.net()
    if row["TotalAmt"] < 0:
        raise business(NEGATIVE)
    if before and before.get("_voided") and row["TotalAmt"]:
        raise business("A voided transaction cannot be changed.")


def _finished(entity: str, call: Call, wire: Wire, before: Row | None, row: Row) -> None:
    """Balances, and where money goes."""
    row["_voided"] = bool(before and before.get("_voided"))
    if entity == "Invoice":
        for key in (*ONLINE, "AllowOnlineACHPayment"):
            row.setdefault(key, False)
        if row.get("Deposit", ZERO) > row["TotalAmt"]:
            raise business("The deposit is more than the total.")
        if row.get("Deposit"):
            account = chosen(call, wire, "DepositToAccountRef", "UNDEPOSITED", *MONEY_PLACES)
            row["DepositToAccountRef"] = {"value": account}
        row["Balance"] = row["TotalAmt"] - row.get("Deposit", ZERO) - linked(before)
    elif entity == "CreditMemo":
        row["Balance"] = row["RemainingCredit"] = row["TotalAmt"] - linked(before)
    elif entity in EXTRA and entity != "Estimate":
        row["Balance"] = ZERO
        row["DepositToAccountRef"] = _money_place(entity, call, wire, before)


def _money_place(entity: str, call: Call, wire: Wire, before: Row | None) -> Wire:
    if is_blank(wire.get("DepositToAccountRef")):
        if call.sparse and before:
            kept: Wire = before["DepositToAccountRef"]
            return kept
        if entity == "RefundReceipt":
            raise required("DepositToAccountRef")
    return {"value": chosen(call, wire, "DepositToAccountRef", "UNDEPOSITED", *MONEY_PLACES)}


def linked(row: Row | None) -> Decimal:
    """What payments and credits took of a document."""
    return sum((row or {}).get("_links", {}).values(), ZERO)
