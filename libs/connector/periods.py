"""Closed periods: what is dated in one is not taken away there, either."""

from libs.connector.companies import Company
from libs.connector.errors import Held
from libs.connector.shapes import Write


def check_removal(write: Write, company: Company) -> None:
    """Raises Held, with the choices there are, for a removal of what is dated in a closed period.

    What a create or an update would date there, the connector's own check holds.
    """
    before, lock = write.before or {}, company.lock_date
    day = str(before.get("issue_date") or before.get("date") or "")
    if lock is None or not day or day > lock.isoformat():
        return
    what = write.type.replace("_", " ")
    raise Held(
        f"{what.capitalize()} {write.id} is dated {day}; {company.name} is locked up to {lock}: "
        "nothing can be taken away there.",
        reason="period-locked",
        action=f"Undo it in the product and issue the opposite of this {what} in the open period, "
        "or move the lock date in the ledger: it then goes on by itself. Or leave it.",
    )
