"""Where a provider's URLs lead: the vendor, or what SANDBOX_URL or <PROVIDER_ID>_ORIGIN name."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit


class OriginRefused(ValueError):
    """A URL that must not be called: plain http anywhere but on this machine."""


@dataclass(frozen=True, slots=True)
class Origins:
    """The replacements of one process, read once at its start."""

    by_provider: Mapping[str, str]
    sandbox: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Origins":
        """Raises `OriginRefused` for an origin that is neither https nor loopback."""
        named = {
            name.removesuffix("_ORIGIN").lower(): _checked(value.rstrip("/"))
            for name, value in environment.items()
            if name.endswith("_ORIGIN") and value
        }
        sandbox = environment.get("SANDBOX_URL", "").rstrip("/")
        return cls(named, _checked(sandbox) if sandbox else None)

    def replace(self, provider: str, url: str) -> str:
        """`url` with that provider's origin replaced, path and query kept.

        Raises `OriginRefused` for plain http other than loopback.
        """
        origin = self.origin(provider)
        if origin is None:
            return _checked(url)
        base, parts = urlsplit(origin), urlsplit(url)
        path = base.path.rstrip("/") + parts.path
        return urlunsplit((base.scheme, base.netloc, path, parts.query, parts.fragment))

    def origin(self, provider: str) -> str | None:
        """What replaces that provider's origin; a path in it comes before every path."""
        if provider in self.by_provider:
            return self.by_provider[provider]
        return f"{self.sandbox}/{provider}" if self.sandbox else None


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url
    if parts.scheme == "http" and _is_loopback(parts.hostname or ""):
        return url
    raise OriginRefused(
        f"{parts.scheme}://{parts.hostname}: only https is called, or http on this machine."
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
