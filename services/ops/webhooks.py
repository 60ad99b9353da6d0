"""Subscribes the gateway to the sandbox's webhooks, as the vendor's developer portal would."""

import httpx

from libs.devstack.process import DevstackError


def subscribe(sandbox: str, provider: str, url: str, key: str) -> None:
    """The sandbox makes the vendor's handshake; raises `DevstackError` when it fails.

    A provider that is not simulated there (404) is left alone.
    """
    answer = httpx.post(
        f"{sandbox}/_control/{provider}/webhook",
        json={"url": url, "key": key},
        timeout=30,
        trust_env=False,
    )
    if answer.status_code not in (200, 201, 404):
        raise DevstackError(f"{provider}'s webhooks could not be set up: {answer.text}")
