"""`python -m services connectors.myob`."""

from functools import partial

from libs.connector import service
from services.connectors.myob.connector import MyobConnector

create_app = partial(service.create_app, "myob", MyobConnector())
