"""Taxes of several parts, as each ledger keeps them: the bookkeeper's acts, one per provider."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Protocol

from contracts.entities import TaxComponent
from tests.flows.world import World
from tests.matrix.ledger import Ledger
from tests.matrix.ledgers.acting import record_of
from tests.matrix.ledgers.myob import Myob
from tests.matrix.ledgers.quickbooks_online import QuickBooksOnline
from tests.matrix.ledgers.xero import Xero

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Willful:
    """A company, the facts to make it; the rate the product has, and that which it takes."""

    ledger: Ledger
    facts: Mapping[str, Any]
    ours: Decimal
    theirs: Decimal


class Taxes(Protocol):
    """A company that is taxed in parts."""

    def __init__(self, world: World) -> None: ...

    def ledger(self) -> Ledger:
        """The company's."""

    async def group(self, name: str, parts: Sequence[TaxComponent]) -> str:
        """The bookkeeper makes a tax of these; how a mapping calls it."""

    def account(self, part: str) -> str:
        """The name of the liability account of a part."""

    def willful(self) -> "Willful":
        """A company that reckons tax by itself, as far as the vendor has such."""


@dataclass(slots=True)
class XeroTaxes:
    """A rate with several components; whatever the tax, it is owed on one account."""

    world: World

    def ledger(self) -> Ledger:
        return Xero(self.world)

    async def group(self, name: str, parts: Sequence[TaxComponent]) -> str:
        components = [
            {"Name": part.name, "Rate": str(part.rate), "IsCompound": part.compound}
            for part in parts
        ]
        record = {"Name": name, "TaxComponents": components}
        return str((await self.world.bookkeeper("add", "TaxRates", record=record))["TaxType"])

    def account(self, part: str) -> str:
        return "Sales Tax"

    def willful(self) -> "Willful":
        """What it is told of a line's tax it takes."""
        return Willful(self.ledger(), {}, Decimal(20), Decimal(20))


class Canadian(QuickBooksOnline):
    """Outside the US each line has a tax code."""

    untaxed: ClassVar[Mapping[str, str]] = {}
    country: ClassVar[str] = "CA"
    currency: ClassVar[str] = "CAD"
    time_zone: ClassVar[str] = "America/Toronto"


@dataclass(slots=True)
class QuickBooksTaxes:
    """A code of several rates; each agency has its liability account."""

    world: World

    def ledger(self) -> Ledger:
        return Canadian(self.world)

    async def group(self, name: str, parts: Sequence[TaxComponent]) -> str:
        told = [part.model_dump(mode="json") for part in parts]
        made = await self.world.bookkeeper("tax_group", "TaxCode", name=name, parts=told)
        return str(made["Id"])

    def account(self, part: str) -> str:
        return f"{part} Payable"

    def willful(self) -> "Willful":
        """Automated sales tax, which takes no total from outside."""
        habits = {"ast_overrides_total": True}
        facts = {"ast": True, "habits": habits}
        return Willful(QuickBooksOnline(self.world), facts, Decimal(10), Decimal("9.25"))


@dataclass(slots=True)
class MyobTaxes:
    """A consolidated code of others; what is tax on tax is told by what it adds."""

    world: World

    def ledger(self) -> Ledger:
        return Myob(self.world)

    async def group(self, name: str, parts: Sequence[TaxComponent]) -> str:
        codes: list[str] = []
        sofar = Decimal(0)
        for part in parts:
            rate = part.rate * (1 + sofar / HUNDRED) if part.compound else part.rate
            sofar += rate
            codes.append(await self._code(part.name, rate))
        more: dict[str, Any] = {"code": name[:3], "name": name, "components": codes}
        made = await self.world.bookkeeper("consolidate_tax", "GeneralLedger/TaxCode", **more)
        return str(made["UID"])

    def account(self, part: str) -> str:
        return f"{part} Payable"

    def willful(self) -> "Willful":
        """Tax cannot be told at all."""
        return Willful(self.ledger(), {}, Decimal(10), Decimal(10))

    async def _code(self, name: str, rate: Decimal) -> str:
        """One tax, with its own account."""
        known = (await self.world.documents())["GeneralLedger/Account"]
        number = 2900 + sum(1 for one in known if one["Name"].endswith(" Payable"))
        account = {"Name": self.account(name), "Number": number, "Type": "OtherCurrentLiability"}
        await self.world.bookkeeper("add", "GeneralLedger/Account", record=account)
        made = await record_of(self.world, "GeneralLedger/Account", Name=self.account(name))
        owed = {"UID": made["UID"]}
        code = {
            "Code": f"{name[:2]}X",
            "Description": name,
            "Type": "GST_VAT",
            "Rate": float(rate),
            "TaxCollectedAccount": owed,
            "TaxPaidAccount": owed,
        }
        await self.world.bookkeeper("add", "GeneralLedger/TaxCode", record=code)
        return str(code["Code"])


TAXES: Mapping[str, Callable[[World], Taxes]] = {
    "xero": XeroTaxes,
    "quickbooks_online": QuickBooksTaxes,
    "myob": MyobTaxes,
}
