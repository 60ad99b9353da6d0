"""The way of a person through a connection: link, consent, company, confirmation."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog
from pydantic import SecretStr

from contracts.messages import Connection as Message
from libs.service.links import ConnectLink, LinkRefused, read_link
from services.auth import errors
from services.auth.answers import Company, Tokens
from services.auth.choice import Ask, Decision, Held, Holder, Missing, Take, chosen, decide
from services.auth.connections import CompanyTaken, Connections, message
from services.auth.disconnecting import Ending
from services.auth.errors import GrantDead, Misconfigured, TurnedAway, VendorDown
from services.auth.grants import NOT_CLOSED, Grants
from services.auth.vendors import Vendor, Vendors
from services.auth.visits import Visit, Visits

if TYPE_CHECKING:
    from libs.service.database import Pool

OPEN = ("open",)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Flow:
    """The steps; each raises `TurnedAway` with the page to show."""

    pool: "Pool"
    link_key: SecretStr
    base_url: str
    vendors: Vendors
    visits: Visits
    grants: Grants
    connections: Connections
    ending: Ending

    async def depart(self, provider: str, token: str, browser: str, *, auto: bool) -> str:
        """The provider's consent page for a signed link; `auto` counts at a sandbox only."""
        vendor = self._vendor(provider)
        try:
            link = read_link(self.link_key, token)
        except LinkRefused as refused:
            raise TurnedAway(errors.BAD_LINK, str(refused)) from None
        if link.connection is not None:
            await self._reconnected(vendor, link)
        extra = {"auto": "1"} if auto and vendor.is_sandbox else {}
        try:
            departure = await self.visits.begin(provider, link, browser)
            return vendor.authorize_url(
                redirect_uri=self._redirect_uri(provider),
                state=departure.state,
                verifier=departure.verifier,
                extra=extra,
            )
        except Misconfigured as error:
            raise self._turned(errors.MISCONFIGURED, str(error), vendor, link) from None

    async def arrive(self, provider: str, query: Mapping[str, str], browser: str) -> uuid.UUID:
        """The provider sent the person back; the visit, which has a company or asks for it."""
        vendor = self._vendor(provider)
        visit = await self.visits.take(provider, query.get("state", ""), browser)
        if query.get("error") or not query.get("code"):
            raise self._denied(query.get("error", ""), vendor, visit.link)
        tokens, companies = await self._granted(vendor, visit, query)
        picked = chosen(companies)
        decision, wanted = await self._decide(vendor, visit.link, picked)
        grant = await self._store(vendor, tokens, companies)
        match decision:
            case Take(company):
                await self.connect(visit, grant, company)
            case Ask(offered):
                await self.visits.ask(visit, grant, offered)
            case Missing() | Held():
                # A consent that is turned away mends nothing, but it may be what lives from now.
                await self.ending.release(grant, vendor, OPEN if vendor.single else NOT_CLOSED)
                raise self._unfit(decision, picked, vendor, visit.link, wanted)
        return visit.id

    async def choose(self, visit: Visit, company: str) -> None:
        """The person chose; a company that was not offered is refused."""
        vendor = self._vendor(visit.provider)
        if visit.step != "choosing" or visit.expired or visit.grant is None:
            reason = errors.EXPIRED if visit.expired else errors.USED
            sentence = "The choice of a company is over."
            raise self._turned(reason, sentence, vendor, visit.link)
        offered = {offer.id: offer for offer in visit.companies}
        if company not in offered:
            raise self._turned(errors.UNKNOWN_STATE, "Not one of these.", vendor, visit.link)
        await self.connect(visit, visit.grant, offered[company])

    async def connect(self, visit: Visit, grant: uuid.UUID, company: Company) -> None:
        """Open the connection and end the visit in one transaction."""
        vendor = self._vendor(visit.provider)
        try:
            async with self.pool.acquire() as db, db.transaction():
                opened = await self.connections.open(db, visit.provider, visit.link, grant, company)
                await self.visits.finish(db, visit, opened.id)
        except CompanyTaken:
            sentence = f"{company.name} has just been connected by another connection."
            raise self._turned(errors.TAKEN, sentence, vendor, visit.link) from None
        log.info("connection.opened", connection=opened.id, provider=visit.provider)

    async def opened(self, visit: Visit) -> Message:
        """The connection a visit ended in."""
        row = await self.connections.read(visit.connection) if visit.connection else None
        if row is None:
            raise TurnedAway(errors.USED, "This visit did not end in a connection.")
        return message(row)

    async def _store(
        self, vendor: Vendor, tokens: Tokens, companies: Sequence[Company]
    ) -> uuid.UUID:
        """Keep the grant: a person's, or, where a consent is for one company, that company's."""
        if vendor.single:
            subject = f"company/{companies[0].id}" if companies else None
            tokens = replace(tokens, subject=subject)
        async with self.pool.acquire() as db, db.transaction():
            grant = await self.grants.store(db, vendor.facts.id, tokens)
            if not vendor.single:
                await self.connections.revive(db, grant, [company.id for company in companies])
        return grant

    async def _granted(
        self, vendor: Vendor, visit: Visit, query: Mapping[str, str]
    ) -> tuple[Tokens, list[Company]]:
        try:
            tokens = await vendor.exchange(
                query["code"],
                redirect_uri=self._redirect_uri(visit.provider),
                verifier=visit.verifier,
            )
            return tokens, await vendor.companies(tokens.access, query)
        except GrantDead as error:
            raise self._turned(errors.REFUSED, str(error), vendor, visit.link) from None
        except VendorDown as error:
            raise self._turned(errors.VENDOR_DOWN, str(error), vendor, visit.link) from None
        except Misconfigured as error:
            raise self._turned(errors.MISCONFIGURED, str(error), vendor, visit.link) from None

    async def _decide(
        self, vendor: Vendor, link: ConnectLink, companies: Sequence[Company]
    ) -> tuple[Decision, str]:
        wanted, name = link.company, link.company or ""
        if link.connection is not None:
            wanted, name = await self._reconnected(vendor, link)
        rows = await self.connections.holders(vendor.facts.id, [c.id for c in companies])
        holders = {
            row["company"]: Holder(str(row["id"]), row["tenant"], row["state"]) for row in rows
        }
        return decide(companies, holders, tenant=link.tenant, wanted=wanted), name

    async def _reconnected(self, vendor: Vendor, link: ConnectLink) -> tuple[str, str]:
        row = await self.connections.read(link.connection or "")
        if row is None or (row["tenant"], row["provider"]) != (link.tenant, vendor.facts.id):
            sentence = "The connection to be connected again does not exist."
            raise self._turned(errors.BAD_LINK, sentence, vendor, link)
        return row["company"], row["company_name"]

    def _unfit(
        self,
        decision: Missing | Held,
        companies: Sequence[Company],
        vendor: Vendor,
        link: ConnectLink,
        wanted: str,
    ) -> TurnedAway:
        names = " and ".join(company.name for company in companies)
        if not companies:
            sentence = f"{vendor.name} showed no company that this sign-in reaches."
            return self._turned(errors.NO_COMPANY, sentence, vendor, link)
        if isinstance(decision, Missing):
            sentence = f"You chose {names}, but this connection belongs to {wanted}."
            return self._turned(errors.WRONG_COMPANY, sentence, vendor, link, wanted=wanted)
        sentence = f"{names}: another connection is open for it, and a company takes only one."
        return self._turned(errors.TAKEN, sentence, vendor, link)

    def _denied(self, word: str, vendor: Vendor, link: ConnectLink) -> TurnedAway:
        if word in ("", "access_denied"):
            sentence = f"You, or an administrator, did not allow access at {vendor.name}."
            return self._turned(errors.DENIED, sentence, vendor, link)
        # The word comes from the URL, so it is neither shown nor logged.
        sentence = f"{vendor.name} did not show its consent page."
        return self._turned(errors.REFUSED, sentence, vendor, link)

    def _turned(
        self,
        reason: errors.Reason,
        sentence: str,
        vendor: Vendor,
        link: ConnectLink,
        **names: str,
    ) -> TurnedAway:
        return TurnedAway(reason, sentence, return_to=link.return_to, provider=vendor.name, **names)

    def _vendor(self, provider: str) -> Vendor:
        vendor = self.vendors.get(provider)
        if vendor is None:
            raise TurnedAway(errors.UNKNOWN_PROVIDER, "We do not connect to that provider.")
        return vendor

    def _redirect_uri(self, provider: str) -> str:
        return f"{self.base_url}/callback/{provider}"
