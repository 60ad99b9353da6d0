"""The reference product's own settings."""

from pydantic import Field

from libs.service.settings import ServiceSettings

SCHEMA = "reference_product"


class ProductSettings(ServiceSettings):
    """Environment variables of the same names in capitals."""

    own_ids: bool = Field(
        default=False,
        description="Keep a record first seen in a ledger under an id of our own, naming `origin` "
        "in every put, instead of the id the connector gave it.",
    )
