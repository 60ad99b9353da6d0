"""What is odd about a provider's sign-in beyond the facts of its TOML; most have no module here."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, cast

Allowed = Callable[[Mapping[str, Any], str], bool]
Busy = Callable[[int, bytes], bool]


def allowed_by_consent(provider: str) -> Allowed:
    """Tells whether the consent behind an access token allowed a listed company.

    Where the provider does not show it, every listed company counts as allowed.
    """
    return cast("Allowed", _odd(provider, "allowed_by_consent") or (lambda _entry, _token: True))


def is_busy(provider: str) -> Busy:
    """Tells whether an answer (status, body) asks to wait though its status means a refusal."""
    return cast("Busy", _odd(provider, "is_busy") or (lambda _status, _body: False))


@cache
def _odd(provider: str, what: str) -> object:
    module = f"{__name__}.{provider}"
    return getattr(import_module(module), what, None) if find_spec(module) else None
