"""Tax codes, rates and agencies, read by query; made only through the tax service."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.call import Call, Kind, is_blank
from services.sandbox.providers.quickbooks_online.errors import (
    Wire,
    bad_choice,
    duplicate_name,
    invalid_reference,
    required,
    unsupported,
)
from services.sandbox.providers.quickbooks_online.fields import Spec, read, text, truth
from services.sandbox.providers.quickbooks_online.indexes import name_key
from services.sandbox.providers.quickbooks_online.lists import NAMED
from services.sandbox.providers.quickbooks_online.money import HUNDRED, ZERO, decimal_of, rounded
from services.sandbox.providers.quickbooks_online.naming import unique
from services.sandbox.providers.quickbooks_online.table import Row

LISTS = {"Sales": "SalesTaxRateList", "Purchase": "PurchaseTaxRateList"}
ON_TAX = "TaxOnAmountPlusTax"


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate of a code: percent, and whether it is also taken on the rates before it."""

    id: str
    percent: Decimal
    compound: bool


def rates(books: Books, code: str, *, purchase: bool = False) -> list[Rate]:
    """The rates of a tax code in their order."""
    row = books.tables["TaxCode"].rows[code]
    details = row.get(LISTS["Purchase" if purchase else "Sales"], {}).get("TaxRateDetail", [])
    table = books.tables["TaxRate"].rows
    found = []
    for detail in sorted(details, key=lambda one: one["TaxOrder"]):
        id_ = detail["TaxRateRef"]["value"]
        compound = detail["TaxTypeApplicable"] == ON_TAX
        found.append(Rate(id_, table[id_]["RateValue"], compound))
    return found


def taxes(net: Decimal, applied: Iterable[Rate]) -> list[tuple[Rate, Decimal, Decimal]]:
    """Rate, what it is taken on, and the tax in cents."""
    found: list[tuple[Rate, Decimal, Decimal]] = []
    for rate in applied:
        base = net + (sum((tax for _, _, tax in found), ZERO) if rate.compound else ZERO)
        found.append((rate, base, rounded(base * rate.percent / HUNDRED)))
    return found


def effective(applied: Iterable[Rate]) -> Decimal:
    """The whole tax on one unit, unrounded."""
    whole = ZERO
    for rate in applied:
        whole += (1 + whole if rate.compound else 1) * rate.percent / HUNDRED
    return whole


def agency(call: Call, wire: Wire, before: Row | None) -> Row:
    """A tax agency."""
    spec: Spec = {"DisplayName": text(100), "TaxRegistrationNumber": text(30)}
    row = read(call, spec, wire, before)
    if "DisplayName" not in row:
        raise required("DisplayName")
    same = call.books.tables["TaxAgency"].find("DisplayName", name_key(row["DisplayName"]))
    if any(before is None or one["Id"] != before["Id"] for one in same):
        raise duplicate_name("tax agency")
    return {**row, "TaxTrackedOnSales": True, "TaxTrackedOnPurchases": not call.books.american}


def add_rate(call: Call, name: str, percent: Decimal, agency_id: str) -> Row:
    """A rate of an agency."""
    row = {
        "Name": name,
        "Description": name,
        "Active": True,
        "RateValue": percent,
        "AgencyRef": {"value": agency_id},
        "SpecialTaxType": "NONE" if percent else "ZERO_RATE",
        "DisplayType": "ReadOnly",
    }
    return call.books.save("TaxRate", row)


def add_code(
    call: Call, name: str, applied: dict[str, list[tuple[str, bool]]], id_: str | None = None
) -> Row:
    """A code of rates (id, compound), by what it applies on; several make it a group."""
    row: Row = {"Name": name, "Description": name, "Active": True, "Taxable": id_ != "NON"}
    row["TaxGroup"] = id_ is None
    for side, key in LISTS.items():
        row[key] = {
            "TaxRateDetail": [
                {
                    "TaxRateRef": {"value": rate},
                    "TaxTypeApplicable": ON_TAX if compound else "TaxOnAmount",
                    "TaxOrder": int(compound),
                }
                for rate, compound in applied.get(side, [])
            ]
        }
    return call.books.save("TaxCode", {**row, **({} if id_ is None else {"Id": id_})})


def serve(call: Call, wire: Wire) -> Wire:
    """POST /taxservice/taxcode: a new code of new or known rates; the answer has no wrapper."""
    name, details = wire.get("TaxCode"), wire.get("TaxRateDetails")
    if is_blank(name):
        raise required("TaxCode")
    if not isinstance(details, list) or not details:
        raise required("TaxRateDetails")
    if call.books.ast:
        raise unsupported("Tax codes of automated sales tax are made by QuickBooks")
    unique(call, ("TaxCode",), str(name), None)
    sides: dict[str, list[tuple[str, bool]]] = {}
    answers = []
    for detail in details:
        rate = _rate(call, detail)
        side = detail.get("TaxApplicableOn") or "Sales"
        if side not in LISTS:
            raise bad_choice("TaxApplicableOn", side)
        sides.setdefault(side, []).append((rate["Id"], False))
        answers.append(
            {
                "TaxRateName": rate["Name"],
                "TaxRateId": rate["Id"],
                "RateValue": rate["RateValue"],
                "TaxAgencyId": rate["AgencyRef"]["value"],
                "TaxApplicableOn": side,
            }
        )
    code = add_code(call, str(name), sides)
    return {"TaxCode": code["Name"], "TaxCodeId": code["Id"], "TaxRateDetails": answers}


def _rate(call: Call, detail: Wire) -> Row:
    tables = call.books.tables
    if not is_blank(known := detail.get("TaxRateId")):
        row = tables["TaxRate"].get(known)
        if row is None:
            raise invalid_reference("TaxRateDetails.TaxRateId")
        return row
    for key in ("TaxRateName", "RateValue", "TaxAgencyId"):
        if is_blank(detail.get(key)):
            raise required(key)
    if tables["TaxAgency"].get(detail["TaxAgencyId"]) is None:
        raise invalid_reference("TaxRateDetails.TaxAgencyId")
    name, percent = str(detail["TaxRateName"]), decimal_of(detail["RateValue"], "RateValue")
    unique(call, ("TaxRate",), name, None)
    return add_rate(call, name, percent, str(detail["TaxAgencyId"]))


def _rename(call: Call, wire: Wire, before: Row | None) -> Row:
    """Codes and rates are only renamed or made inactive, and only in QuickBooks itself."""
    if call.app is not None or before is None:
        raise unsupported("Tax codes and rates are made through taxservice/taxcode")
    return {**before, **read(call, {"Name": text(100), "Active": truth}, wire, before)}


KINDS = (
    Kind("TaxCode", NAMED | {"Taxable": "bool", "TaxGroup": "bool"}, _rename, listed=True),
    Kind("TaxRate", NAMED, _rename, listed=True),
    Kind("TaxAgency", {"Id": "text", "DisplayName": "text"}, agency),
)
