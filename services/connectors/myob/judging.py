"""Answers whose status misleads (dossier sections 3 and 10): a throttle is a 403 here."""

from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime

from libs.connector.errors import Disconnected, RateLimited, SyncError
from libs.connector.interface import Answer
from services.connectors.myob.errors import errors_of

MOMENT = timedelta(seconds=2)
LATER = timedelta(hours=1)
FORBIDDEN, TOO_MANY = 403, 429


def judge(answer: Answer) -> SyncError | None:
    """A 403 is a throttle, a missing right or a dead key: its name tells, never its status."""
    name_of = {str(error.get("Name") or "") for error in errors_of(answer)}
    if answer.status == TOO_MANY and "retry-after" not in answer.headers:
        return RateLimited("MYOB asks to wait.", MOMENT)
    if answer.status != FORBIDDEN:
        return None
    if "RateLimitError" in name_of:
        return _throttled(answer)
    if "DeveloperInactive" in name_of:
        return Disconnected(
            "MYOB has suspended our API key, or the key is missing.",
            action="Whoever runs Ledgerbridge looks at the key in MYOB's developer portal.",
        )
    return Disconnected(
        "MYOB denies access to the company file: the user or a permission was taken away.",
        action="Let an administrator of the file connect it again on the integrations page.",
    )


def _throttled(answer: Answer) -> RateLimited:
    """Seconds, or the rest of the day: whose day it is is not documented, UTC's is taken."""
    said = " ".join(str(error.get("Message") or "") for error in errors_of(answer))
    if "daily" not in said.lower():
        return RateLimited("MYOB's limit of calls a second is used up.", MOMENT)
    sentence = "MYOB's limit of calls a day is used up."
    try:
        now = parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
    except ValueError:
        return RateLimited(sentence, LATER)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return RateLimited(sentence, midnight - now)
