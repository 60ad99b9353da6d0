"""Sample files that ship with the distribution."""

from importlib.resources import files
from importlib.resources.abc import Traversable

DAY = "online-retail-2010-12-01.csv.gz"
INVOICE = "invoice.ndjson"


def sample(name: str) -> Traversable:
    """One of the sample files."""
    return files(__name__) / name
