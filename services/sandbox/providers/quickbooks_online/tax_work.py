"""Tax in a person's hands: groups with agencies of their own."""

from services.sandbox.provider import RefusedError
from services.sandbox.providers.quickbooks_online.call import Call
from services.sandbox.providers.quickbooks_online.desk import decimal, show
from services.sandbox.providers.quickbooks_online.errors import Wire
from services.sandbox.providers.quickbooks_online.kinds import KINDS
from services.sandbox.providers.quickbooks_online.taxes import add_code, add_rate
from services.sandbox.providers.quickbooks_online.writes import save


def tax_group(call: Call, action: Wire) -> Wire:
    """A sales tax code `name` of `parts` (name, rate, compound).

    Each part is owed to an agency of its own, which has a liability account of its own: QuickBooks'
    pages make one with an agency (UNCONFIRMED, the API's documents do not say).
    """
    if call.books.ast or not action.get("parts"):
        raise RefusedError("A tax group has parts, and is not of an automated company.", 422)
    applied: list[tuple[str, bool]] = []
    for part in action["parts"]:
        name = str(part["name"])
        wire = {"Name": f"{name} Payable", "AccountType": "Other Current Liability"}
        account = save(call, KINDS["Account"], wire)["Id"]
        agency = save(call, KINDS["TaxAgency"], {"DisplayName": f"{name} agency"})
        call.books.keep("TaxAgency", {**agency, "_account": account})
        rate = add_rate(call, name, decimal(part["rate"]), agency["Id"])
        applied.append((rate["Id"], bool(part.get("compound"))))
    code = add_code(call, str(action["name"]), {"Sales": applied})
    return show(call, "TaxCode", code["Id"])
