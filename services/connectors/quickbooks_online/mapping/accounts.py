"""What lines, money and refunds are booked to: accounts and generic items.

A sales line of this vendor has no account, only an item that has one. So each income account is
given one generic item (read with the company), which stands for "no item of the product".
"""

from contracts.entities import Line
from libs.connector.errors import Held
from libs.connector.interface import Context
from services.connectors.quickbooks_online.mapping.wire import Element, Raw, ref, ref_of

GENERIC = "item"
PAYABLE = "payable"
REFUND = "refund"
CREDIT_CARD = "credit card"


def fact(name: str, value: str, more: str = "") -> str:
    """A fact about the company, as its features hold it."""
    return ":".join(part for part in (name, value, more) if part)


def account_id(word: str, context: Context) -> str:
    """The vendor's id of an account named by its number or id."""
    accounts = context.company.accounts
    numbered = (account.id for account in accounts if account.code == word)
    return next(numbered, word)


def account_word(identity: str, context: Context) -> str:
    """The account's number, else its id: what the mappings also take."""
    found = (account.code for account in context.company.accounts if account.id == identity)
    return next(found, "") or identity


def account_kind(identity: str, context: Context) -> str:
    """What kind of account it is."""
    found = (account.kind for account in context.company.accounts if account.id == identity)
    return next(found, "")


def money_account(method: str, context: Context, *, received: bool) -> Element:
    """Where money goes to or comes from, as payments and bill payments name it."""
    account = account_id(context.mappings.external("payment_method", method), context)
    if received:
        return {"DepositToAccountRef": ref(account)}
    if account_kind(account, context) == CREDIT_CARD:
        return {"PayType": "CreditCard", "CreditCardPayment": {"CCAccountRef": ref(account)}}
    return {"PayType": "Check", "CheckPayment": {"BankAccountRef": ref(account)}}


def money_account_of(raw: Raw) -> str:
    """The account that a payment or bill payment names."""
    check, card = raw.get("CheckPayment") or {}, raw.get("CreditCardPayment") or {}
    bought_with = ref_of(check, "BankAccountRef") or ref_of(card, "CCAccountRef")
    return ref_of(raw, "DepositToAccountRef") or bought_with


def payable(context: Context) -> str | None:
    """The company's account of what it owes."""
    found = [f.split(":")[1] for f in context.company.features if f.startswith(f"{PAYABLE}:")]
    return min(found, default=None)


def generic_items(context: Context) -> dict[str, str]:
    """Generic item -> the income account it posts to."""
    rows = (feature.split(":") for feature in context.company.features)
    return {row[2]: row[1] for row in rows if row[0] == GENERIC and len(row) == 3}


def is_generic(item: str, context: Context) -> bool:
    """Whether an item stands for none of the product's."""
    return item in generic_items(context) or context.mappings.local("item", item) is not None


def generic_item(line: Line, context: Context) -> str:
    """The item of a sales line without one: as mapped for its kind, else that of its account.

    Raises Held, with what mends it, where there is none.
    """
    chosen = None if line.account else mapped("item", line.kind, context)
    if chosen:
        return chosen
    account = account_id(context.mappings.account(line.account, line.kind), context)
    items = sorted(i for i, posts_to in generic_items(context).items() if posts_to == account)
    if items:
        return items[0]
    raise Held(
        f"No item of {context.company.name} posts to the account "
        f"{account_word(account, context)!r}, and a line here needs one.",
        reason="unmapped",
        action="Add a service with this income account in QuickBooks, or choose an item with "
        f"ledgerbridge map item {line.kind} <item id>.",
    )


def bought_account(line_account: str | None, kind: str, context: Context) -> str:
    """The account of a bought line: its own, else that mapped for the kind of a purchase."""
    words = context.mappings
    word = words.external("account", line_account) if line_account else bought(kind, context)
    return account_id(word, context)


def bought(kind: str, context: Context) -> str:
    """The account of bought parts, labour, ...; raises Held where none is chosen."""
    return context.mappings.external("line_kind", f"purchase_{kind}")


def mapped(kind: str, local: str, context: Context) -> str | None:
    """What a person chose, if anybody did."""
    try:
        return context.mappings.external(kind, local)
    except Held:
        return None
