"""Which company a consent connects: a pure decision over what the provider lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.auth.answers import Company


@dataclass(frozen=True, slots=True)
class Holder:
    """The connection, open or broken, that holds a company."""

    connection: str
    tenant: str
    state: str


@dataclass(frozen=True, slots=True)
class Take:
    """This company, without a question."""

    company: Company


@dataclass(frozen=True, slots=True)
class Ask:
    """A person chooses."""

    companies: Sequence[Company]


@dataclass(frozen=True, slots=True)
class Missing:
    """The wanted company is not among those listed."""

    wanted: str


@dataclass(frozen=True, slots=True)
class Held:
    """Every company listed belongs to connections of others."""

    companies: Sequence[Company]


Decision = Take | Ask | Missing | Held


def chosen(listed: Sequence[Company]) -> Sequence[Company]:
    """What the person allowed this time, where the provider shows it; else all there is."""
    return [company for company in listed if company.allowed] or listed


def decide(
    listed: Sequence[Company],
    holders: Mapping[str, Holder],
    *,
    tenant: str,
    wanted: str | None = None,
) -> Decision:
    """What becomes of a consent of `tenant` to the companies `chosen`; `holders` by company id.

    A company of the tenant's own that works is offered only where there is nothing else; a
    company is taken unasked only if there is a single one, for the list may hold companies left
    over from an earlier consent.
    """

    def other(company: Company) -> bool:
        return company.id in holders and holders[company.id].tenant != tenant

    def works(company: Company) -> bool:
        return company.id in holders and holders[company.id].state == "open"

    if wanted is not None:
        listed = [company for company in listed if company.id == wanted]
        if not listed:
            return Missing(wanted)
    ours = [company for company in listed if not other(company)]
    if not ours:
        return Held(listed)
    offered = [company for company in ours if not works(company)] or ours
    return Take(offered[0]) if len(offered) == 1 else Ask(offered)
