"""How writes travel: one alone by its own endpoint, several in one batch (dossier sections 3, 4).

An `Act` is one operation on one object; a write may be several of them (a contact with two
records), then it travels in a batch even alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from libs.connector import wire
from libs.connector.errors import Uncertain
from libs.connector.interface import Answer, Request
from services.connectors.quickbooks_online import faults
from services.connectors.quickbooks_online.mapping.wire import Element, Raw

CREATE, UPDATE, DELETE, VOID = "create", "update", "delete", "void"
VOID_UPDATES = frozenset({"Payment", "BillPayment"})
"""Voided by an update that says so; others have an operation of their own (dossier section 6)."""


@dataclass(frozen=True, slots=True)
class Act:
    """One operation on one object; its element names the object but for a create."""

    resource: str
    operation: str
    element: Element


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the vendor says of one act: the object, or why not."""

    shown: Raw | None
    fault: faults.Fault | None = None


def act_of(resource: str, element: Element) -> Act:
    """A create or an update, by whether the object has an id."""
    return Act(resource, UPDATE if "Id" in element else CREATE, element)


def request(acts: Sequence[Act]) -> Request:
    """One call for all of them."""
    if len(acts) == 1:
        return _single(acts[0])
    items = [_item(act, n) for n, act in enumerate(acts)]
    return Request("POST", "/batch", (), wire.encode({"BatchItemRequest": items}))


def outcomes(resources: Sequence[str], answer: Answer) -> list[Outcome] | faults.Fault:
    """One per act, in order, by its resource; a fault where the call as a whole was refused.

    Raises Uncertain where the answer does not tell what became of each of them.
    """
    fault = faults.fault_of(answer)
    if fault is not None:
        return fault
    body = answer.json()
    if len(resources) == 1:
        return [_outcome(resources[0], body)]
    shown: Mapping[str, Raw] = {
        str(item.get("bId")): item for item in body.get("BatchItemResponse") or ()
    }
    named = [_name(n) for n in range(len(resources))]
    if not set(named) <= set(shown):
        raise Uncertain("The answer of QuickBooks does not tell what became of each record.")
    return [_outcome(one, shown[name]) for one, name in zip(resources, named, strict=True)]


def _single(act: Act) -> Request:
    params: tuple[tuple[str, str], ...] = ()
    if act.operation == DELETE:
        params = (("operation", "delete"),)
    elif act.operation == VOID and act.resource in VOID_UPDATES:
        params = (("operation", "update"), ("include", "void"))
    elif act.operation == VOID:
        params = (("operation", "void"),)
    return Request("POST", f"/{act.resource.lower()}", params, wire.encode(act.element))


def _item(act: Act, n: int) -> Element:
    item: Element = {"bId": _name(n), "operation": act.operation, act.resource: act.element}
    if act.operation == VOID and act.resource in VOID_UPDATES:
        item |= {"operation": UPDATE, "optionsData": "void"}
    return item


def _name(n: int) -> str:
    """At most 10 characters where the call has a requestid (dossier section 8)."""
    return str(n + 1)


def _outcome(resource: str, said: Raw) -> Outcome:
    fault = faults.fault_in(said)
    if fault is not None:
        return Outcome(None, fault)
    shown = said.get(resource)
    if not isinstance(shown, Mapping):
        raise Uncertain(f"The answer of QuickBooks does not show the {resource}.")
    return Outcome(shown)
