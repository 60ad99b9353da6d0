"""Nobody pays for another in MYOB: a payment is made by whoever the invoices are of."""

import json
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from contracts.entities import Allocation, Entity, Payment
from contracts.values import EntityType
from libs.connector.interface import Answer, Context
from libs.connector.wire import decode
from libs.testing.builders import invoice
from services.connectors.myob import answers, writes
from tests.services.connectors.myob import around

TEN = Decimal(10)
OF = {"i1": "c1", "i2": "c2", "i3": "c1"}


@dataclass(slots=True)
class Ids(around.PlainIds):
    """The invoices are known there."""

    def shown(self, kind: EntityType, local: str) -> Entity | None:
        return invoice(local, customer=OF[local]) if kind is EntityType.INVOICE else None


def context() -> Context:
    return replace(around.context(), ids=Ids())


def paid(by: str, *invoices: str) -> Payment:
    shares = [Allocation(document=one, amount=TEN) for one in invoices]
    amount = TEN * len(invoices)
    given: dict[str, Any] = {"date": "2026-03-06", "currency": "AUD", "allocations": shares}
    return Payment.model_validate({"id": "y1", "contact": by, "amount": amount, **given})


def payer(payment: Payment) -> str:
    request = writes.request(around.create(payment), context())
    return str(decode(request.body)["Customer"]["UID"])


def test_the_parent_pays_as_the_child() -> None:
    assert payer(paid("c9", "i1", "i3")) == payer(paid("c1", "i1"))
    assert payer(paid("c9", "i1", "i2")) == payer(paid("c9"))


def test_whose_payment_it_became_is_read_and_told() -> None:
    body = {"UID": "11111111-1111-4111-8111-111111111111", "Memo": "", "RowVersion": "1"}
    answer = Answer(201, {}, json.dumps(body).encode())
    told = answers.stored(around.create(paid("c9", "i1")), answer, context())
    assert (told.raw, told.id) == ({}, "CustomerPayment/" + body["UID"])
    assert answers.stored(around.create(paid("c1", "i1")), answer, context()).raw
