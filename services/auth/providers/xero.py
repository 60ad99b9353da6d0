"""Xero lists every organisation a person connected, earlier ones too (dossier section 2)."""

from collections.abc import Mapping
from typing import Any

from services.auth.answers import claims


def allowed_by_consent(entry: Mapping[str, Any], access_token: str) -> bool:
    """Whether the connection was made, or made again, by the consent behind the token."""
    event = claims(access_token).get("authentication_event_id")
    return event is None or entry.get("authEventId") == event
