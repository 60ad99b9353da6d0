"""Webhook bodies in both forms (dossier section 9): ids only, one object for many, or an array."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contracts.values import EntityType
from libs.connector import wire
from libs.connector.errors import Rejected, Unavailable
from libs.connector.interface import Notice
from services.connectors.quickbooks_online import records
from services.connectors.quickbooks_online.mapping.wire import Raw, moment

RESOURCES: Mapping[str, str] = {
    name.lower(): name for name in records.KINDS if name not in records.NEVER_MADE
}
"""A cheque is known by the payment beside it: to read whatever a company spends would be costly."""
LOST = ("deletedId", "deletedid", "DeletedId")
"""Where a merge names the record that is gone; of the new form unconfirmed."""


def notices(body: bytes, company: str) -> Sequence[Notice]:
    """The hints for one company; Rejected where the body cannot be understood."""
    try:
        said = wire.decode(body)
        found = _events(said, company) if isinstance(said, list) else _classic(said, company)
        return list(found)
    except (Unavailable, KeyError, TypeError, AttributeError, ValueError) as error:
        raise Rejected("The webhook's body is not one of QuickBooks'.", reason="body") from error


def _classic(said: Raw, company: str) -> Iterator[Notice]:
    for one in said["eventNotifications"]:
        if str(one["realmId"]) != company:
            continue
        for entity in (one.get("dataChangeEvent") or {}).get("entities") or ():
            at = entity.get("lastUpdated")
            yield from _notices(entity["name"], str(entity["id"]), at, entity)


def _events(said: Sequence[Raw], company: str) -> Iterator[Notice]:
    for event in said:
        if str(event["intuitaccountid"]) == company:
            _, name, *_ = str(event["type"]).split(".")
            data = event.get("data") or {}
            yield from _notices(name, str(event["intuitentityid"]), event.get("time"), data)


def _notices(name: str, identity: str, at: Any, more: Raw) -> Iterator[Notice]:
    resource = RESOURCES.get(name.lower())
    if resource is None:
        return
    kind: EntityType = records.KINDS[resource]
    when = moment(str(at)) if at else None
    lost = {str(more[field]) for field in LOST if more.get(field)}
    for one in (identity, *sorted(lost)):
        yield Notice(kind, records.external(kind, resource, one), when)
