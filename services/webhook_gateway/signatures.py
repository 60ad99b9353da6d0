"""Whether a webhook was signed with a key we know, by the facts of the provider's TOML."""

import base64
import hashlib
import hmac
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from contracts.provider import Webhooks

SUFFIX = "_WEBHOOK_KEY"


@dataclass(frozen=True, slots=True)
class WebhookKeys:
    """The keys per provider of `<PROVIDER>_WEBHOOK_KEY`, several during a rotation."""

    by_provider: Mapping[str, tuple[bytes, ...]] = field(repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "WebhookKeys":
        """Keys are separated by commas."""
        return cls(
            {
                name.removesuffix(SUFFIX).lower(): _split(value)
                for name, value in environment.items()
                if name.endswith(SUFFIX)
            }
        )

    def of(self, provider: str) -> tuple[bytes, ...]:
        return self.by_provider.get(provider, ())


def is_signed(facts: Webhooks, body: bytes, signature: str, keys: Iterable[bytes]) -> bool:
    """Whether `signature` is that of the raw `body` under one of `keys`."""
    sent = signature.encode(errors="replace")
    return any(hmac.compare_digest(sign(facts, body, key), sent) for key in keys)


def sign(facts: Webhooks, body: bytes, key: bytes) -> bytes:
    """The signature of `body` as the provider writes it into its header."""
    digest = hmac.new(key, body, hashlib.sha256).digest()
    if facts.algorithm == "hmac-sha256-hex":
        return digest.hex().encode()
    return base64.b64encode(digest)


def _split(value: str) -> tuple[bytes, ...]:
    return tuple(key.strip().encode() for key in value.split(",") if key.strip())
