"""`python -m services connectors.quickbooks_online`."""

from functools import partial

from libs.connector import service
from services.connectors.quickbooks_online.connector import QuickBooksConnector

create_app = partial(service.create_app, "quickbooks_online", QuickBooksConnector())
