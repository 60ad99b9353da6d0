"""`python -m services connectors.plod`."""

from functools import partial

from libs.connector import service
from tests.providers.plod.connector import PlodConnector

create_app = partial(service.create_app, "plod", PlodConnector())
