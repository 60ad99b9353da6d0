"""Faults planted on purpose, to show that the reconciliation finds them."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from libs.messaging.publisher import PUBLISH_LIMIT, Outgoing, Publisher
from services.ops.demo.ledger import Ledger, Record

NOBODY = b"nobody"
CENT = {
    "Description": "One cent too many",
    "Quantity": "1",
    "UnitAmount": "0.01",
    "TaxType": "NONE",
    "AccountCode": "200",
}


class Plant(StrEnum):
    """What may be planted."""

    CENT = "cent"
    DROP = "drop"


class Dropping(Publisher):
    """A publisher one of whose events never reaches a connector, though the product has it.

    The event names another tenant in its header, by which connectors choose what to read.
    """

    victim = ""

    async def publish_many(
        self,
        messages: Sequence[Outgoing],
        *,
        timeout: float = PUBLISH_LIMIT,  # noqa: ASYNC109 - as the method it replaces
    ) -> None:
        """See Publisher."""
        sent = [_misled(one) if one.key == self.victim else one for one in messages]
        await super().publish_many(sent, timeout=timeout)


async def plant_cent(ledger: Ledger, invoice: Record) -> None:
    """The bookkeeper adds a cent to an invoice, and the vendor loses the webhook."""
    await ledger.arm("drop-webhooks")
    lines = [{"LineItemID": line["LineItemID"]} for line in invoice["LineItems"]]
    changes = {"LineItems": [*lines, CENT]}
    await ledger.act(do="edit", resource="Invoices", id=invoice["InvoiceID"], changes=changes)


def _misled(message: Outgoing) -> Outgoing:
    headers = [(k, NOBODY if k == "ce_tenant" else v) for k, v in message.headers]
    return replace(message, headers=tuple(headers))
