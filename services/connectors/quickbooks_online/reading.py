"""Reading records by id, with their side records (dossier sections 4 to 7)."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from contracts.values import EntityType
from libs.connector.interface import Record, Session
from services.connectors.quickbooks_online import query, records
from services.connectors.quickbooks_online.mapping import cheques, contacts, notes, settlements
from services.connectors.quickbooks_online.mapping.wire import Raw, number, ref_of, resource_id

Wanted = Mapping[str, Sequence[str]]
PAYMENT, MEMO = settlements.PAYMENT, settlements.MEMO


async def read(session: Session, kind: EntityType, ids: Wanted) -> dict[str, Record]:
    """See Reads.read."""
    if kind is EntityType.CONTACT:
        return await _contacts(session, ids)
    if kind is EntityType.CREDIT_NOTE:
        return await credit_notes(session, ids)
    if kind is EntityType.REFUND:
        return await _refunds(session, ids)
    found = await _objects(session, kind, ids)
    return {
        external: records.record(kind, resource, raw) for external, (resource, raw) in found.items()
    }


async def _objects(
    session: Session, kind: EntityType, externals: Iterable[str]
) -> dict[str, tuple[str, Raw]]:
    """External id -> resource and object."""
    grouped: dict[str, list[str]] = {}
    for external in externals:
        resource, identity = resource_id(external)
        grouped.setdefault(resource or records.RESOURCES[kind][0], []).append(identity)
    found: dict[str, tuple[str, Raw]] = {}
    for resource, ids in grouped.items():
        for identity, raw in (await query.by_id(session, resource, ids)).items():
            if records.is_ours(resource, raw):
                found[records.external(kind, resource, identity)] = (resource, raw)
    return found


async def _contacts(session: Session, ids: Wanted) -> dict[str, Record]:
    everyone = dict.fromkeys(one for main, sides in ids.items() for one in (main, *sides))
    shown = await _objects(session, EntityType.CONTACT, everyone)
    found: dict[str, Record] = {}
    for main, sides in ids.items():
        if main in shown:
            raw = dict(shown[one] for one in (main, *sides) if one in shown)
            found[main] = await _beside(session, contacts.contact_record(raw, main))
    return found


async def _beside(session: Session, record: Record) -> Record:
    """A record with the marker of a side: it belongs to the customer that has the marker."""
    [*others], resource = record.parts, resource_id(record.id)[0]
    raw: Raw = record.raw[resource]
    side = notes.parsed(raw.get("Notes")).side
    if others or not side:
        return record
    other = contacts.OTHER[resource]
    name = str(raw.get("DisplayName") or "").removesuffix(contacts.SUFFIX[resource])
    page = await query.ask(session, other, f"WHERE DisplayName = {query.quoted(name)}")
    ours = [one for one in page.found if notes.marker_in(one, "Notes") == side]
    return contacts.belonging(record, f"{other}/{ours[0]['Id']}") if ours else record


async def credit_notes(session: Session, ids: Wanted) -> dict[str, Record]:
    """Credit memos with the payments that apply them, as they name them or we know them."""
    memos = await query.by_id(session, MEMO, ids)
    known = {
        identity: {*_named(memo), *(resource_id(side)[1] for side in ids[identity])}
        for identity, memo in memos.items()
    }
    wanted = {one for some in known.values() for one in some}
    shown = await query.by_id(session, PAYMENT, wanted) if wanted else {}
    found: dict[str, Record] = {}
    for identity, memo in memos.items():
        settled_by = [shown[one] for one in sorted(known[identity]) if one in shown]
        mine = [one for one in settled_by if identity in settlements.memos_of(one)]
        if not _explained(memo, identity, mine):
            mine = await _searched(session, memo, identity)
        found[identity] = records.credit_note(memo, mine)
    return found


def _named(raw: Raw) -> list[str]:
    linked = raw.get("LinkedTxn") or ()
    return [str(one["TxnId"]) for one in linked if one.get("TxnType") == PAYMENT]


def _explained(memo: Raw, identity: str, settled_by: Sequence[Raw]) -> bool:
    """Whether what is left of the credit is what these payments leave."""
    if memo.get("RemainingCredit") is None:
        return True
    shares = [share for one in settled_by for share in settlements.shares(one)]
    used = sum((share.amount for share in shares if share.memo == identity), Decimal(0))
    return number(memo, "TotalAmt", 2) - used == number(memo, "RemainingCredit", 2)


async def _searched(session: Session, memo: Raw, identity: str) -> list[Raw]:
    """Whether a credit memo names its payments is unconfirmed: else they are its customer's."""
    found = await _payments_of(session, ref_of(memo, "CustomerRef"))
    return [one for one in found if identity in settlements.memos_of(one)]


async def _payments_of(session: Session, customer: str) -> Sequence[Raw]:
    who = query.quoted(customer)
    page = await query.ask(session, PAYMENT, f"WHERE CustomerRef = {who} MAXRESULTS 1000")
    return page.found


async def _refunds(session: Session, ids: Wanted) -> dict[str, Record]:
    """Refund receipts, and cheques to customers with the payments that are set against them."""
    found: dict[str, Record] = {}
    for external, (resource, raw) in (await _objects(session, EntityType.REFUND, ids)).items():
        if resource != cheques.RESOURCE:
            found[external] = records.record(EntityType.REFUND, resource, raw)
        elif (beside := await _beside_cheque(session, raw)) or await _is_owed(session, raw):
            found[external] = cheques.cheque_record(raw, beside)
    return found


async def _beside_cheque(session: Session, raw: Raw) -> list[Raw]:
    """As the cheque names them, else its customer's: whether it does is unconfirmed."""
    named = await query.by_id(session, PAYMENT, _named(raw))
    found = list(named.values()) or await _payments_of(session, ref_of(raw, "EntityRef"))
    return [one for one in found if str(raw["Id"]) in settlements.cheques_of(one)]


async def _is_owed(session: Session, raw: Raw) -> bool:
    """Whether a cheque that is set against nothing is the customer's debt, and no expense."""
    page = await query.ask(session, "Account", "WHERE AccountType = 'Accounts Receivable'")
    return not cheques.accounts_of(raw).isdisjoint(str(one["Id"]) for one in page.found)
