"""Lines turned round, for what is a credit rather than a sale."""

from contracts.entities import Line


def opposite(line: Line) -> Line:
    """The line with the opposite amount: a negative price is turned, else the quantity."""
    if line.unit_price < 0:
        return line.model_copy(update={"unit_price": -line.unit_price})
    return line.model_copy(update={"quantity": -line.quantity})
