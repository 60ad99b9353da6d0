"""`python -m services connectors.xero`."""

from functools import partial

from libs.connector import service
from services.connectors.xero.connector import XeroConnector

create_app = partial(service.create_app, "xero", XeroConnector())
