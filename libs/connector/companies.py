"""A provider's company as it is read at connect and daily: accounts, taxes, lock dates."""

from datetime import date

from contracts.entities import TaxComponent
from contracts.values import Currency, Model, Percent


class LedgerAccount(Model):
    """An account of the company's chart."""

    id: str
    code: str
    name: str
    kind: str
    active: bool = True
    takes_payments: bool = False


class LedgerTax(Model):
    """A tax code of the company; `id` is what a line names."""

    id: str
    name: str
    rate: Percent
    components: tuple[TaxComponent, ...] = ()
    sales: bool = True
    purchases: bool = True
    active: bool = True


class LedgerTracking(Model):
    """A tracking dimension of the company, option id -> name."""

    id: str
    name: str
    options: dict[str, str]


class Company(Model):
    """What is read of a company at connect and daily; dates are the company's own calendar."""

    id: str
    name: str
    currency: Currency
    country: str = ""
    time_zone: str = ""
    code: str = ""
    currencies: tuple[Currency, ...] = ()
    accounts: tuple[LedgerAccount, ...] = ()
    tax_codes: tuple[LedgerTax, ...] = ()
    trackings: tuple[LedgerTracking, ...] = ()
    lock_date: date | None = None
    features: frozenset[str] = frozenset()
