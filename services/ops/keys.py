"""The keys of a stack on this machine: made once, kept in a file only its owner can read."""

import base64
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from libs.service.secrets import new_key_ring
from libs.service.tokens import new_service_key, public_keys


def load_keys(file: Path, providers: Sequence[str]) -> dict[str, str]:
    """The keys by environment variable; what `file` lacks is made and added."""
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    wanted = {**_shared_keys(known), **_webhook_keys(providers)}
    keys = {**wanted, **known}
    if keys != known:
        _write(file, keys)
    return keys


def new_keys(providers: Sequence[str]) -> dict[str, str]:
    """Fresh keys by environment variable, kept nowhere."""
    return {**_shared_keys({}), **_webhook_keys(providers)}


def webhook_key_name(provider: str) -> str:
    return f"{provider.upper()}_WEBHOOK_KEY"


def _shared_keys(known: Mapping[str, str]) -> dict[str, str]:
    service_key = known.get("SERVICE_KEY") or new_service_key("local")
    return {
        "SERVICE_KEY": service_key,
        "SERVICE_PUBLIC_KEYS": public_keys(service_key),
        "VAULT_KEYS": new_key_ring("local"),
        "LINK_KEY": _random(),
    }


def _webhook_keys(providers: Sequence[str]) -> dict[str, str]:
    return {webhook_key_name(provider): _random() for provider in providers}


def _random() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _write(file: Path, keys: Mapping[str, str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as target:
        json.dump(keys, target, indent=1)
    part.rename(file)
