"""What Xero sends: bodies of the dossier's form, signed as section 9 says."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence

KEY = "cb2Yp1tGEXAMPLEkeyOfXeroWebhooks=="
HANDSHAKE = (
    b'{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"QWERTYUIOPASDFGHJKLZ"}'
)


def signature(body: bytes, key: str = KEY) -> str:
    """Written anew here, so that the gateway's own is not compared with itself."""
    return base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()


def headers(body: bytes, key: str = KEY) -> dict[str, str]:
    return {"x-xero-signature": signature(body, key), "content-type": "application/json"}


def webhook(companies: Sequence[str], sequence: int = 1) -> bytes:
    """A body with one event for each of `companies`."""
    events = [
        {
            "resourceUrl": f"https://api.xero.com/api.xro/2.0/Invoices/{sequence}",
            "resourceId": str(sequence),
            "eventDateUtc": "2026-09-10T03:12:45.557",
            "eventType": "UPDATE",
            "eventCategory": "INVOICE",
            "tenantId": company,
            "tenantType": "ORGANISATION",
        }
        for company in companies
    ]
    return json.dumps({"events": events, "firstEventSequence": sequence}).encode()
