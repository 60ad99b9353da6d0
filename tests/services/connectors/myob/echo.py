"""What MYOB answers to what it was sent, by its documents alone: the mapping is not asked."""

import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from libs.connector import wire
from libs.connector.interface import Answer, Request

CENT = Decimal("0.01")
RATES = {"t-GST": Decimal(10), "t-ODD": Decimal("8.875")}
LINKS = {"t-GST": {"Code": "GST"}, "a-4-1000": {"DisplayID": "4-1000"}}
UID = "c2f1a0de-0000-4000-8000-000000000001"


def answer(request: Request, **computed: Any) -> Answer:
    """201 and the record, with what MYOB computes (dossier sections 4 to 6)."""
    sent = json.loads(request.body, parse_float=Decimal, parse_int=Decimal)
    shown = {**sent, "UID": UID, "RowVersion": "987654321", **computed}
    if request.path.startswith(("/Sale/Invoice", "/Purchase/Order", "/Purchase/Bill")):
        shown |= document(sent)
    return Answer(201, {"location": f"https://x/{UID}"}, wire.encode(links(shown)))


def document(sent: dict[str, Any]) -> dict[str, Any]:
    """Rows numbered, totals reckoned: here tax is rounded once for each code."""
    rows = [
        {"RowID": Decimal(n), "Job": None, **row, "RowVersion": f"1{n}"}
        for n, row in enumerate(sent["Lines"], start=1)
    ]
    foreign = bool(sent.get("ForeignCurrency"))
    tail = "Foreign" if foreign else ""
    net = sum((row[f"Total{tail}"] for row in rows), Decimal(0))
    tax = _tax(rows, tail, inclusive=bool(sent["IsTaxInclusive"]))
    gross = net if sent["IsTaxInclusive"] else net + tax
    found = {
        "Lines": rows,
        f"Subtotal{tail}": net,
        f"TotalTax{tail}": tax,
        f"TotalAmount{tail}": gross,
        f"BalanceDueAmount{tail}": gross,
        "Freight": Decimal(0),
        "Status": "Open",
    }
    return found | ({"TotalAmount": gross} if foreign else {})


def links(value: Any) -> Any:
    """A link comes back with more than its UID."""
    if isinstance(value, dict):
        if set(value) == {"UID"}:
            return {**value, **LINKS.get(value["UID"], {}), "URI": None}
        return {name: links(one) for name, one in value.items()}
    return [links(one) for one in value] if isinstance(value, list) else value


def _tax(rows: list[dict[str, Any]], tail: str, *, inclusive: bool) -> Decimal:
    groups: dict[str, Decimal] = {}
    for row in rows:
        code = row["TaxCode"]["UID"]
        groups[code] = groups.get(code, Decimal(0)) + row[f"Total{tail}"]
    found = Decimal(0)
    for code, amount in groups.items():
        rate = RATES.get(code, Decimal(0))
        base = 100 + rate if inclusive else Decimal(100)
        found += (amount * rate / base).quantize(CENT, ROUND_HALF_UP)
    return found
