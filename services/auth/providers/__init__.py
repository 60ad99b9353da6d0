"""What is odd about a provider's sign-in beyond the facts of its TOML; most have no module here."""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, cast

Allowed = Callable[[Mapping[str, Any], str], bool]


def allowed_by_consent(provider: str) -> Allowed:
    """Tells whether the consent behind an access token allowed a listed company.

    Where the provider does not show it, every listed company counts as allowed.
    """
    module = f"{__name__}.{provider}"
    if find_spec(module) is None:
        return lambda _entry, _token: True
    return cast("Allowed", import_module(module).allowed_by_consent)
