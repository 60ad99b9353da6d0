"""What the routes of the service work with, made once when it starts."""

from dataclasses import dataclass
from typing import cast

from fastapi import Request

from services.auth.connections import Connections
from services.auth.disconnecting import Ending
from services.auth.flow import Flow
from services.auth.keys import Keys
from services.auth.pages import Pages
from services.auth.upkeep import Upkeep
from services.auth.vendors import Vendors
from services.auth.visits import Visits


@dataclass(frozen=True, slots=True)
class Parts:
    """`ending` closes connections, `keys` hands out access tokens, `upkeep` does the chores."""

    pages: Pages
    vendors: Vendors
    visits: Visits
    flow: Flow
    connections: Connections
    keys: Keys
    ending: Ending
    upkeep: Upkeep


def parts(request: Request) -> Parts:
    """FastAPI dependency: the parts of the running application."""
    return cast("Parts", request.app.state.parts)
