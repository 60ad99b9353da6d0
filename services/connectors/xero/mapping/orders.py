"""Purchase orders (dossier section 7): closed is billed, and only what is approved can be."""

from contracts.entities import PurchaseOrder
from libs.connector.interface import Step, Verb, Write


def step(write: Write) -> Step | None:
    """A new order is approved before it is billed."""
    order = write.entity
    if write.verb is Verb.CREATE and isinstance(order, PurchaseOrder) and order.closed:
        return Step(Verb.CREATE, order.model_copy(update={"closed": False}))
    return None
