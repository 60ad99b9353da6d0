"""What sales and purchases have in common (dossier sections 4 and 7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from contracts.entities import (
    Bill,
    CreditNote,
    DocumentStatus,
    Invoice,
    PurchaseOrder,
    TaxMode,
    Totals,
    TrackingChoice,
)
from contracts.values import EntityType
from libs.connector.errors import Held
from libs.connector.interface import Context, Record
from services.connectors.myob.mapping import currencies, lines, tracking
from services.connectors.myob.mapping.lines import Form
from services.connectors.myob.mapping.refs import Role, card_from_myob, card_to_myob
from services.connectors.myob.mapping.wire import (
    PLACE,
    Element,
    Raw,
    cut,
    day_of,
    linked,
    marked,
    midnight,
    moment,
    number,
    shortened,
    spelled,
    text,
    unmarked,
)

Paper = Invoice | CreditNote | PurchaseOrder | Bill

NUMBER_LENGTH, COMMENT_LENGTH = 13, 255


@dataclass(frozen=True, slots=True)
class Kind:
    """Where a kind of document lies and what it calls its number and its party."""

    path: str
    party: Role
    number: str = "Number"
    sales: bool = True
    sign: int = 1


KINDS: Mapping[EntityType, Kind] = MappingProxyType(
    {
        EntityType.INVOICE: Kind("/Sale/Invoice", "Customer"),
        EntityType.CREDIT_NOTE: Kind("/Sale/Invoice", "Customer", sign=-1),
        EntityType.PURCHASE_ORDER: Kind("/Purchase/Order", "Supplier", sales=False),
        EntityType.BILL: Kind("/Purchase/Bill", "Supplier", "SupplierInvoiceNumber", sales=False),
    }
)


def document_number(number: str) -> str:
    """The number as MYOB takes it: at most 13 characters, still unique."""
    return shortened(" ".join(number.split()), NUMBER_LENGTH)


def form_of(document: Paper, layout: str, context: Context) -> Form:
    """How the document's lines are spelled."""
    kind = KINDS[document.type]
    return Form(
        layout,
        kind.sales,
        document.type is EntityType.PURCHASE_ORDER,
        kind.sign,
        document.tax_mode,
        currencies.is_foreign(document.currency, context),
        document.location,
    )


def head_to_myob(document: Paper, marker: str, context: Context) -> Element:
    """The head; what has no value is None, which empties it in an update."""
    kind = KINDS[document.type]
    party = document.customer if isinstance(document, Invoice | CreditNote) else document.supplier
    return {
        kind.number: document_number(document.number) or None,
        "Date": midnight(document.issue_date),
        kind.party: card_to_myob(party, kind.party, context),
        "IsTaxInclusive": document.tax_mode == TaxMode.INCLUSIVE,
        "JournalMemo": marked(document.job, marker),
        "Comment": cut(document.note, COMMENT_LENGTH) or None,
        "Category": tracking.category_to_myob(document, context),
        **currencies.currency_to_myob(document.currency, document.exchange_rate, context),
    }


def terms_to_myob(issued: date, due: date | None) -> Element:
    """Days from the issue, for MYOB has no free due date; none: due on the day of issue."""
    days = ((due or issued) - issued).days
    return {"PaymentIsDue": "InAGivenNumberOfDays", "BalanceDueDate": days}


def due_from_myob(raw: Raw) -> date | None:
    """When it is due: MYOB's own reckoning, else the terms that are days from the issue."""
    terms, issued = raw.get("Terms") or {}, day_of(raw, "Date")
    if (due := day_of(terms, "DueDate")) or issued is None:
        return due
    if terms.get("PaymentIsDue") in ("CashOnDelivery", "PrePaid"):
        return issued
    if terms.get("PaymentIsDue") == "InAGivenNumberOfDays":
        return issued + timedelta(days=int(terms.get("BalanceDueDate") or 0))
    return None


def shared_from_myob(raw: Raw, kind: EntityType, context: Context) -> dict[str, Any]:
    """The fields that every document has.

    Raises Held for one without a date or a party.
    """
    facts, issued = KINDS[kind], day_of(raw, "Date")
    party = "customer" if facts.sales else "supplier"
    if issued is None:
        raise Held(
            f"{kind} {raw.get('Number')} has no date in MYOB.",
            reason="incomplete",
            action="Complete it in MYOB; it then comes by itself.",
        )
    currency, rate = currencies.currency_from_myob(raw, context)
    place = tracking.placed(raw, tracking.CATEGORY, context)
    form = _form_from(raw, facts, place.choice, foreign=currencies.is_foreign(currency, context))
    said, marker = unmarked(text(raw, "JournalMemo", 4000))
    return {
        "id": str(raw.get("UID") or "new"),
        "number": text(raw, facts.number),
        "status": DocumentStatus.APPROVED,
        "issue_date": issued,
        "currency": currency,
        "exchange_rate": rate,
        "tax_mode": form.mode,
        party: card_from_myob(raw, facts.party, context),
        # MYOB fills a memo in by itself: only one with our marker is a job of ours.
        "job": said[:255] if marker else "",
        "note": text(raw, "Comment", 4000),
        "location": place.location,
        "lines": lines.lines_from_myob(raw, form, context),
        "totals": totals(raw, facts.sign, foreign=form.foreign),
    }


def _form_from(raw: Raw, facts: Kind, choice: TrackingChoice | None, *, foreign: bool) -> Form:
    mode = TaxMode.INCLUSIVE if raw.get("IsTaxInclusive", True) else TaxMode.EXCLUSIVE
    place = str(raw[PLACE])
    return Form(place, facts.sales, sign=facts.sign, mode=mode, foreign=foreign, choice=choice)


def totals(raw: Raw, sign: int, *, foreign: bool) -> Totals:
    """What MYOB comes to; `Subtotal` holds the tax where prices do, so it is not asked."""
    tail = "Foreign" if foreign else ""
    gross = sign * number(raw, f"TotalAmount{tail}")
    tax = sign * number(raw, f"TotalTax{tail}")
    return Totals(net=gross - tax + 0, tax=tax + 0, gross=gross + 0)


def document_record(raw: Raw, kind: EntityType) -> Record:
    """The record as the kernel keeps it."""
    facts, foreign = KINDS[kind], bool(linked(raw, "ForeignCurrency"))
    due = f"BalanceDueAmount{'Foreign' if foreign else ''}"
    return Record(
        kind,
        spelled(raw[PLACE], raw["UID"]),
        raw,
        version=str(raw.get("RowVersion") or ""),
        marker=unmarked(str(raw.get("JournalMemo") or ""))[1],
        number=str(raw.get(facts.number) or ""),
        updated_at=moment(raw.get("LastModified")),
        totals=totals(raw, facts.sign, foreign=foreign),
        balance=None if raw.get(due) is None else facts.sign * number(raw, due) + 0,
        status=str(raw.get("Status") or ""),
    )
