"""Envelope encryption (AES-256-GCM) of secrets at rest, with a key ring that rotates."""

import base64
import binascii
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from libs.service.settings import ServiceSettings

FORMAT = b"\x01"
NONCE = 12
KEY = 32
WRAPPED = NONCE + KEY + 16


class SecretUnreadable(Exception):
    """What was sealed cannot be opened: wrong key, wrong place, or changed bytes."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys by id; the current one seals, every one opens."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if self.current not in self.keys:
            raise ValueError(f"The key ring has no key {self.current!r}, which it calls current.")
        for name, key in self.keys.items():
            if len(key) != KEY or not 0 < len(name.encode()) < 256:
                raise ValueError(f"Key {name!r} of the key ring is not {KEY} bytes long.")

    @classmethod
    def from_settings(cls, settings: ServiceSettings) -> "KeyRing":
        """From VAULT_KEYS, or else the file VAULT_KEYS_FILE; raises `ValueError`."""
        if settings.vault_keys is not None:
            return cls.parse(settings.vault_keys.get_secret_value())
        if settings.vault_keys_file is not None:
            return cls.parse(settings.vault_keys_file.read_text())
        raise ValueError("Neither VAULT_KEYS nor VAULT_KEYS_FILE is set.")

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """`{"current": "k1", "keys": {"k1": "<base64 of 32 bytes>"}}`; raises `ValueError`."""
        try:
            ring = json.loads(text)
            keys = {
                name: base64.b64decode(key, validate=True) for name, key in ring["keys"].items()
            }
            return cls(ring["current"], keys)
        except (json.JSONDecodeError, binascii.Error, KeyError, TypeError, AttributeError):
            # The cause would show the keys.
            raise ValueError("The key ring is not the JSON the README describes.") from None


def new_key_ring(key_id: str) -> str:
    """A ring with one new key as text, for VAULT_KEYS."""
    key = base64.b64encode(os.urandom(KEY)).decode()
    return json.dumps({"current": key_id, "keys": {key_id: key}})


@dataclass(frozen=True, slots=True)
class Vault:
    """Seals secrets; each has a data key of its own, wrapped by a key of the ring.

    `context` names the place a secret belongs to (say `grant/<id>`); opened elsewhere it fails.
    """

    ring: KeyRing

    def seal(self, plain: bytes, context: str) -> bytes:
        data_key = os.urandom(KEY)
        return self._wrap(data_key, context) + _encrypt(data_key, plain, context)

    def open(self, sealed: bytes, context: str) -> bytes:
        """Raises `SecretUnreadable`."""
        data_key, body = self._unwrap(sealed, context)
        return _decrypt(data_key, body, context)

    def is_current(self, sealed: bytes) -> bool:
        """Whether the ring's current key wraps it."""
        return _split(sealed)[0] == self.ring.current

    def rewrap(self, sealed: bytes, context: str) -> bytes:
        """The same secret under the current key; raises `SecretUnreadable`."""
        data_key, body = self._unwrap(sealed, context)
        return self._wrap(data_key, context) + body

    def _wrap(self, data_key: bytes, context: str) -> bytes:
        name = self.ring.current.encode()
        wrapped = _encrypt(self.ring.keys[self.ring.current], data_key, context)
        return FORMAT + bytes([len(name)]) + name + wrapped

    def _unwrap(self, sealed: bytes, context: str) -> tuple[bytes, bytes]:
        name, wrapped, body = _split(sealed)
        if name not in self.ring.keys:
            raise SecretUnreadable(f"The key ring has no key {name!r}; put the old key back.")
        return _decrypt(self.ring.keys[name], wrapped, context), body


def _split(sealed: bytes) -> tuple[str, bytes, bytes]:
    if len(sealed) < 2 or sealed[:1] != FORMAT:
        raise SecretUnreadable("These bytes were not sealed by this version.")
    end = 2 + sealed[1]
    if len(sealed) < end + WRAPPED:
        raise SecretUnreadable("The sealed bytes are cut off.")
    name = sealed[2:end].decode(errors="replace")
    return name, sealed[end : end + WRAPPED], sealed[end + WRAPPED :]


def _encrypt(key: bytes, plain: bytes, context: str) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, context.encode())


def _decrypt(key: bytes, sealed: bytes, context: str) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], context.encode())
    except (InvalidTag, ValueError):
        raise SecretUnreadable("Wrong key, wrong place, or changed bytes.") from None
