"""References: accounts, tax codes, cards and documents, ours and MYOB's (dossier section 5)."""

from decimal import Decimal
from typing import Literal

from contracts.entities import Line, TaxMode
from contracts.values import EntityType
from libs.connector.errors import Held, NotReady
from libs.connector.interface import Context
from services.connectors.myob.mapping.wire import Element, Raw, linked, place_of, spelled, uid_of

Role = Literal["Customer", "Supplier"]
UNDEPOSITED = "UndepositedFunds"
USUAL = {"AU": Decimal(10), "NZ": Decimal(15)}


def reference(uid: str) -> Element:
    """A link as MYOB takes it."""
    return {"UID": uid}


# Accounts


def account_to_myob(word: str, context: Context) -> Element:
    """The account of a code or id, as the mappings give it."""
    for account in context.company.accounts:
        if word in (account.id, account.code):
            return reference(account.id)
    raise Held(
        f"{context.company.name} has no account {word!r} any more.",
        reason="account",
        action="Choose another account with ledgerbridge map.",
    )


def money_to_myob(method: str, context: Context) -> str:
    """Where money of a method goes: an account, or undeposited funds, as they come back."""
    return method if method == UNDEPOSITED else context.mappings.external("payment_method", method)


def account_from_myob(raw: Raw, name: str, context: Context) -> str | None:
    """The account's code, which survives a renaming; else its id."""
    uid = linked(raw, name)
    known = {account.id: account.code for account in context.company.accounts}
    return known.get(uid) or (raw.get(name) or {}).get("DisplayID") or uid or None


# Tax codes


def tax_uid(word: str, context: Context) -> str:
    """The id of a tax code, which a mapping may name by its code."""
    for tax in context.company.tax_codes:
        if word in (tax.id, tax.name):
            return tax.id
    raise Held(
        f"{context.company.name} has no tax code {word!r} any more.",
        reason="tax-code",
        action="Choose another tax code with ledgerbridge map.",
    )


def line_tax(line: Line, mode: TaxMode, context: Context, *, sales: bool) -> str:
    """The id of the line's tax code; every line has one, without any tax it is one of 0 %."""
    without = mode == TaxMode.NONE or (line.tax_code is None and line.tax_rate is None)
    code = None if mode == TaxMode.NONE else line.tax_code
    rate = Decimal(0) if without else line.tax_rate
    return tax_uid(context.mappings.tax(code, rate, sales=sales), context)


def tax_from_myob(raw: Raw, name: str, context: Context) -> str | None:
    """The tax code as people call it."""
    uid = linked(raw, name)
    known = {tax.id: tax.name for tax in context.company.tax_codes}
    return known.get(uid) or (raw.get(name) or {}).get("Code") or uid or None


def tax_rate(uid: str, context: Context) -> Decimal | None:
    """The rate the company's tax code has now."""
    return next((tax.rate for tax in context.company.tax_codes if tax.id == uid), None)


def usual_tax(context: Context) -> Element:
    """The tax code of what must have one though nothing names it (section 5): a card's or an
    item's default, which no line of ours relies on. The country's usual rate, else the highest."""
    known = [tax for tax in context.company.tax_codes if tax.active and tax.sales]
    if not known:
        raise Held(
            f"{context.company.name} has no tax code; cards and items must name one.",
            reason="tax-code",
            action="Add a tax code in MYOB; it then goes on by itself.",
        )
    usual = USUAL.get(context.company.country)
    chosen = max(known, key=lambda tax: (tax.rate == usual, tax.name == "GST", tax.rate, tax.name))
    return reference(chosen.id)


# Cards and documents


def card_to_myob(contact: str, role: Role, context: Context) -> Element:
    """The contact's card of that role: its main record, or the one beside it.

    Raises NotReady until it has that one.
    """
    main = context.ids.external(EntityType.CONTACT, contact)
    for card in (main, *context.ids.sides(EntityType.CONTACT, contact)):
        if place_of(card) in ("", role):
            return reference(uid_of(card))
    raise NotReady(((EntityType.CONTACT, contact),))


def card_from_myob(raw: Raw, role: Role, context: Context) -> str:
    """Whose the document is.

    Raises Held where it names nobody.
    """
    uid = linked(raw, role)
    if not uid:
        raise Held(
            f"MYOB does not tell whose {raw.get('Number') or raw.get('UID')} is.",
            reason="incomplete",
            action="Look at it in MYOB; then ledgerbridge retry.",
        )
    return context.ids.local(EntityType.CONTACT, spelled(role, uid))


def document_to_myob(kind: EntityType, local: str, context: Context) -> Element:
    """A document's link; where it lies is not said."""
    return reference(uid_of(context.ids.external(kind, local)))
