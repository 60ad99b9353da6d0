"""What the product's words are called in the ledger: accounts, tax codes, payment methods, ..."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from libs.connector import alerts
from libs.connector.errors import Held
from libs.connector.interface import Company
from libs.service.database import Connection

LINE_KINDS = ("part", "labour", "fee", "other")


@dataclass(frozen=True, slots=True)
class Mapped:
    """The mappings of one connection; implements `interface.Mappings`."""

    tenant: str
    connection: str
    company: Company
    table: Mapping[tuple[str, str], str]
    broken: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """What is mapped to something that has changed in the ledger: sentence and action."""

    def external(self, kind: str, local: str) -> str:
        """See Mappings.external."""
        if (kind, local) in self.table:
            return self._sound(kind, local)
        if kind in ("account", "payment_method") and self._is_account(local):
            return local
        raise self._unmapped(kind, local, self._choices(kind))

    def local(self, kind: str, external: str) -> str | None:
        """See Mappings.local."""
        found = [loc for (k, loc), ext in self.table.items() if k == kind and ext == external]
        return min(found, default=None)

    def tax(self, local: str | None, rate: Decimal | None, *, sales: bool) -> str:
        """See Mappings.tax."""
        word = local or f"{(rate or Decimal(0)).normalize():f} %"
        own = word if sales else f"purchase_{word}"
        for name in dict.fromkeys((own, word)):
            chosen = self.table.get(("tax_code", name))
            if chosen is not None and (name == own or self._is_bought(chosen)):
                return self._sound("tax_code", name)
        known = [
            t for t in self.company.tax_codes if t.active and (t.sales if sales else t.purchases)
        ]
        named = [t.id for t in known if local is not None and local in (t.id, t.name)]
        equal = [t.id for t in known if t.rate == rate]
        if len(named or equal) == 1:
            return (named or equal)[0]
        choices = [f"{t.id} ({t.name}, {t.rate.normalize():f} %)" for t in known]
        raise self._unmapped("tax_code", own, choices)

    def account(self, local: str | None, line_kind: str) -> str:
        """See Mappings.account."""
        if local is not None:
            return self.external("account", local)
        return self.external("line_kind", line_kind)

    def _is_bought(self, code: str) -> bool:
        """What a word is mapped to for sales serves purchases too, if the ledger allows it."""
        return any(tax.purchases for tax in self.company.tax_codes if tax.id == code)

    def _sound(self, kind: str, local: str) -> str:
        if (kind, local) in self.broken:
            sentence, action = self.broken[kind, local]
            raise Held(sentence, reason=alerts.BROKEN, action=action)
        return self.table[kind, local]

    def _is_account(self, word: str) -> bool:
        """The ledger's own word for it, as it comes back when the bookkeeper chooses another."""
        return any(word in (account.code, account.id) for account in self.company.accounts if word)

    def _choices(self, kind: str) -> list[str]:
        accounts = [a for a in self.company.accounts if a.active]
        if kind == "payment_method":
            accounts = [a for a in accounts if a.takes_payments]
        if kind == "item":
            return ["the id of any item there"]
        if kind == "tracking":
            return [
                f"{option} ({t.name}: {name})"
                for t in self.company.trackings
                for option, name in t.options.items()
            ]
        return [f"{a.code or a.id} ({a.name})" for a in accounts]

    def _unmapped(self, kind: str, local: str, choices: list[str]) -> Held:
        word = kind.replace("_", " ")
        known = ", ".join(choices[:12]) or "none"
        return Held(
            f"Nothing in {self.company.name} is chosen for the {word} {local!r}. "
            f"It could be one of: {known}.",
            reason="unmapped",
            action=f"ledgerbridge map {kind} {local!r} <choice> --tenant {self.tenant} "
            f"--connection {self.connection}",
        )


async def mapped(db: Connection, tenant: str, connection: str, company: Company) -> Mapped:
    """The mappings of a connection as they stand."""
    rows = await db.fetch(
        "select kind, local, external from mapping where connection = $1", connection
    )
    table = {(row["kind"], row["local"]): row["external"] for row in rows}
    return Mapped(tenant, connection, company, table, await alerts.broken(db, connection))


async def set_mapping(
    db: Connection, connection: str, kind: str, local: str, external: str, *, suggested: bool
) -> None:
    """A person's choice stands; a suggestion only fills what is empty."""
    await db.execute(
        """
        insert into mapping (connection, kind, local, external, suggested)
        values ($1, $2, $3, $4, $5)
        on conflict (connection, kind, local) do update
            set external = excluded.external, suggested = excluded.suggested
            where not excluded.suggested
        """,
        connection,
        kind,
        local,
        external,
        suggested,
    )


async def suggest(db: Connection, connection: str, company: Company) -> None:
    """Accounts for every kind of line, and one for payments, where there is a plain choice."""
    income = sorted(a.code or a.id for a in company.accounts if a.active and a.kind == "income")
    banks = sorted(a.code or a.id for a in company.accounts if a.active and a.takes_payments)
    costs = sorted(a.code or a.id for a in company.accounts if a.active and a.kind == "expense")
    wanted = {("line_kind", kind): income for kind in LINE_KINDS}
    wanted |= {("line_kind", f"purchase_{kind}"): costs for kind in LINE_KINDS}
    wanted["payment_method", ""] = banks
    for (kind, local), choices in wanted.items():
        if choices:
            await set_mapping(db, connection, kind, local, choices[0], suggested=True)
