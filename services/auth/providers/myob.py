"""MYOB throttles with 403, as it refuses; the body tells them apart (dossier section 3)."""


def is_busy(status: int, body: bytes) -> bool:
    """Whether the API key has used up its second or its day."""
    return status == 403 and b'"RateLimitError"' in body
