"""Mapping alerts: what was mapped and has changed in the ledger is told once, with what to do."""

from collections.abc import Collection, Mapping, Sequence

from contracts.messages import MappingAlert
from libs.connector.companies import Company
from libs.connector.connections import Account
from libs.connector.events import append, numbered
from libs.service.database import Connection

ACCOUNTS = frozenset({"account", "line_kind", "payment_method"})
BROKEN = "mapping-broken"
"""Why a record is held that needs what an open alert is about."""
UNTRACKED = "untracked"
"""The kind of an alert that holds nothing: what a company without tracking is not told."""
Word = tuple[str, str]
"""What is mapped: its kind and the product's word."""
MENDED = (BROKEN, "unmapped", "account", "tax-code", "contact-archived", "waits")
"""Reasons to hold a lane that may end when an alert does."""


def problem(kind: str, external: str, before: Company, now: Company) -> str:
    """What has become of a mapped word since the company was last read; "" where nothing has.

    What never was in the ledger is no alert: the ledger itself refuses it, in its own words.
    """
    if kind in ACCOUNTS:
        return _account(external, before, now)
    if kind == "tax_code":
        return _tax(external, before, now)
    if kind == "tracking":
        return _option(external, before, now)
    return ""


def _account(external: str, before: Company, now: Company) -> str:
    former = next((a for a in before.accounts if external in (a.code, a.id)), None)
    found = next((a for a in now.accounts if external in (a.code, a.id)), None)
    if former is None or (found and found.active):
        return ""
    what = "is archived" if found else "is no longer"
    return f"The account {external} ({former.name}) {what} in {now.name}."


def _tax(external: str, before: Company, now: Company) -> str:
    former = next((t for t in before.tax_codes if t.id == external), None)
    found = next((t for t in now.tax_codes if t.id == external), None)
    if former is None:
        return ""
    name = f"The tax code {external} ({former.name})"
    if found is None:
        known = {t.id for t in before.tax_codes}
        alike = [t.id for t in now.tax_codes if t.id not in known and t.rate == former.rate]
        perhaps = f" It may be {' or '.join(alike)} now." if alike else ""
        return f"{name} is no longer in {now.name}.{perhaps}"
    if not found.active:
        return f"{name} is archived in {now.name}."
    if found.rate != former.rate:
        was, becomes = former.rate.normalize(), found.rate.normalize()
        return f"{name} has {becomes:f} % in {now.name} and no longer {was:f} %."
    return ""


def _option(external: str, before: Company, now: Company) -> str:
    former = {o: n for t in before.trackings for o, n in t.options.items()}
    if external not in former or any(external in t.options for t in now.trackings):
        return ""
    return f"The tracking option {external} ({former[external]}) is no longer in {now.name}."


async def validate(db: Connection, provider: str, account: Account, now: Company) -> None:
    """Open and close the alerts of a company that has just been read, in its transaction."""
    stored = await db.fetchval("select sound from connection where id = $1", account.id)
    before = Company.model_validate_json(stored) if stored else now
    mapped = await db.fetch(
        "select kind, local, external from mapping where connection = $1 order by kind, local",
        account.id,
    )
    opened = await broken(db, account.id)
    wrong: dict[str, list[Word]] = {}
    for row in mapped:
        word = row["kind"], row["local"]
        if sentence := problem(row["kind"], row["external"], before, now):
            wrong.setdefault(sentence, []).append(word)
        elif word in opened:
            await close(db, account.id, *word)
    if now.trackings:
        await _close_untracked(db, account.id)
    for sentence, words in wrong.items():
        await _raise_all(db, provider, account, sentence, words, opened)
    if not await broken(db, account.id):
        # What the next reading is compared with: a company in which all that is mapped is sound.
        await db.execute(
            "update connection set sound = $2 where id = $1", account.id, now.model_dump_json()
        )


async def _raise_all(
    db: Connection,
    provider: str,
    account: Account,
    sentence: str,
    words: Sequence[Word],
    opened: Collection[Word],
) -> None:
    """One alert for all words that are mapped to the same thing; each word names its own fix."""
    named = ", ".join(f"{kind.replace('_', ' ')} {local or 'default'}" for kind, local in words)
    told, every = any(word in opened for word in words), _mend(account, *words)
    for word in words:
        if word not in opened:
            text = f"{sentence} It is chosen for: {named}."[:4000]
            await raise_alert(
                db, provider, account, word, text, _mend(account, word), tell="" if told else every
            )
            told = True


async def broken(db: Connection, connection: str) -> Mapping[Word, tuple[str, str]]:
    """(kind, local) -> (sentence, action) of the open alerts."""
    rows = await db.fetch(
        "select kind, local, sentence, action from alert where connection = $1 and open "
        "and kind not in ('contact', $2)",
        connection,
        UNTRACKED,
    )
    return {(row["kind"], row["local"]): (row["sentence"], row["action"]) for row in rows}


async def raise_alert(
    db: Connection,
    provider: str,
    account: Account,
    word: Word,
    sentence: str,
    action: str,
    *,
    tell: str = "",
) -> None:
    """Open it, unless it is open already; `tell`: the action to tell it with, "" for not at all."""
    number = await db.fetchval(
        """
        insert into alert as a (connection, kind, local, open, sentence, action, number)
        values ($1, $2, $3, true, $4, $5, 1)
        on conflict (connection, kind, local) do update set open = true,
            sentence = excluded.sentence, action = excluded.action, number = a.number + 1
            where not a.open
        returning number
        """,
        account.id,
        *word,
        sentence,
        action,
    )
    if number is not None and tell:
        await _told(db, provider, account, word, sentence, tell, number)


async def tell_once(
    db: Connection, provider: str, account: Account, word: Word, sentence: str, action: str
) -> None:
    """Something to know that holds nothing and needs no mending: said once to a connection."""
    new = await db.fetchval(
        """
        insert into alert (connection, kind, local, open, sentence, action, number)
        values ($1, $2, $3, false, $4, $5, 1) on conflict do nothing returning true
        """,
        account.id,
        *word,
        sentence,
        action,
    )
    if new:
        await _told(db, provider, account, word, sentence, action, 1)


async def _told(
    db: Connection,
    provider: str,
    account: Account,
    word: Word,
    sentence: str,
    action: str,
    number: int,
) -> None:
    kind, local = word
    event = MappingAlert(
        **numbered(account, provider, number),
        kind=kind,
        local=local or "default",
        sentence=sentence,
        action=action[:4000],
    )
    await append(db, event, f"{account.id}/mapping/{kind}/{local}")


async def close(db: Connection, connection: str, kind: str, local: str) -> None:
    """It is mended: what waited goes on by itself."""
    closed = await db.fetchval(
        "update alert set open = false where connection = $1 and kind = $2 and local = $3 "
        "and open returning true",
        connection,
        kind,
        local,
    )
    if closed:
        await db.execute(
            """
            update lane set hold = '', due_at = now(), attempts = 0
            where connection = $1 and hold = any($2)
            """,
            connection,
            list(MENDED),
        )
        await db.execute("select pg_notify('lane', '')")


async def _close_untracked(db: Connection, connection: str) -> None:
    """The company keeps such things now: mappings ask for what is missing."""
    await db.execute(
        "update alert set open = false where connection = $1 and kind = $2", connection, UNTRACKED
    )


async def contact(
    db: Connection, provider: str, account: Account, local: str, name: str, *, archived: bool
) -> None:
    """A customer was archived there, or is back."""
    if not archived:
        await close(db, account.id, "contact", local)
        return
    sentence = f"The customer {name} ({local}) is archived in {account.company_name}."
    action = f"Restore {name} in {account.company_name}; its documents then go on by themselves."
    await raise_alert(db, provider, account, ("contact", local), sentence, action, tell=action)


def _mend(account: Account, *words: Word) -> str:
    where = f"--tenant {account.tenant} --connection {account.id}"
    named = [f"ledgerbridge map {kind} {local!r} <choice> {where}" for kind, local in words]
    return (
        f"{'; '.join(named)} chooses another; or restore it in {account.company_name}: it then "
        "goes on by itself."
    )
