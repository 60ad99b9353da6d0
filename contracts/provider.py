"""Plain facts about a provider: read from `contracts/providers/<id>.toml`, checked here."""

import os
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import Field, PositiveInt

from contracts.features import Feature
from contracts.signin import Companies, OAuth
from contracts.values import EntityType, Model, Name, Seconds, ShortText


class Webhooks(Model):
    """How the vendor's webhooks are signed, answered and assigned to a company."""

    signature_header: str
    algorithm: Literal["hmac-sha256-base64", "hmac-sha256-hex"]
    company_path: Annotated[
        str | Annotated[tuple[str, ...], Field(min_length=1)],
        Field(
            description="Where the body names companies, say `events[].tenantId`; several paths "
            "where bodies of several forms come: tried in turn."
        ),
    ]
    bad_signature_status: int = 401
    answer_within: Seconds = timedelta(seconds=5)

    @property
    def company_paths(self) -> tuple[str, ...]:
        """Every form of `company_path`."""
        paths = self.company_path
        return (paths,) if isinstance(paths, str) else paths


class Window(Model):
    """At most `calls` in any `seconds`; `scope` says who shares them."""

    name: ShortText
    calls: PositiveInt
    seconds: PositiveInt
    scope: Literal["connection", "app"] = "connection"
    path: Annotated[
        str, Field(description="Only calls below this path count in it; empty: all calls do.")
    ] = ""

    def counts(self, path: str) -> bool:
        """Whether a call of this path, below the base URL, counts in it."""
        return not self.path or path == self.path or path.startswith(f"{self.path}/")


class Limits(Model):
    """The vendor's limits; refusals carry `retry_after_header` in seconds."""

    windows: tuple[Window, ...]
    concurrency: PositiveInt
    concurrency_scope: Literal["connection", "app"] = "connection"
    retry_after_header: str = "Retry-After"
    problem_header: str | None = None


class Calls(Model):
    """How a write travels and what is known of one whose answer was lost."""

    base_url: Annotated[str, Field(description="{company} is filled in.")]
    company_header: str | None = None
    app_key_header: Annotated[
        str | None, Field(description="Carries our app's client id: <PROVIDER_ID>_CLIENT_ID.")
    ] = None
    headers: Annotated[Mapping[str, str], Field(description="Sent with every call.")] = {}
    params: Annotated[Mapping[str, str], Field(description="Sent with every call.")] = {}
    idempotency_header: str | None = None
    idempotency_param: Annotated[
        str | None, Field(description="The key travels as a query parameter.")
    ] = None
    key_lives: Annotated[Seconds, Field(description="0: no idempotency key.")] = timedelta(0)
    timeout: Seconds = timedelta(seconds=30)
    settles_within: Annotated[
        Seconds | None,
        Field(
            description="How long an answer we gave up on may be at work; default timeout + 30 s."
        ),
    ] = None
    body_bytes: PositiveInt = 3_000_000
    unlisted_deletes: Annotated[
        tuple[EntityType, ...],
        Field(description="Entities whose deletes no list shows: a nightly census compares ids."),
    ] = ()

    def url(self, company: str) -> str:
        """The base URL of one company's calls."""
        return self.base_url.replace("{company}", quote(company, safe=""))

    def every(self, app_key: str) -> dict[str, str]:
        """The headers of every call, whichever company it is about."""
        keyed = {self.app_key_header: app_key} if self.app_key_header else {}
        return {**self.headers, **keyed}

    def settles(self) -> timedelta:
        """How long a lane is quiet before an unknown outcome is looked up."""
        return self.settles_within or self.timeout + timedelta(seconds=30)


class EntityFacts(Model):
    """How the provider keeps one kind of entity."""

    record: Annotated[ShortText, Field(description="The provider's name of it.")]
    marker: Annotated[str | None, Field(description="The field that carries our marker.")] = None
    find: Annotated[
        Literal["marker", "number", "none"],
        Field(description="How a record is found again: by marker, by our own number, not at all."),
    ] = "none"
    tombstones: Annotated[bool, Field(description="Find shows deleted records.")] = False
    version: Annotated[bool, Field(description="Updates carry a version token.")] = False
    bulk: Annotated[PositiveInt, Field(description="Records per call; 1: no bulk call.")] = 1
    bulk_verbs: Annotated[
        tuple[Literal["create", "update", "void", "delete"], ...],
        Field(description="Verbs that one call can carry many of."),
    ] = ("create", "update", "void", "delete")
    read_bulk: PositiveInt = 1
    find_bulk: Annotated[PositiveInt, Field(description="Lost creates one search finds.")] = 1
    update: Annotated[
        Literal["change", "replace", "none"],
        Field(description="replace: only by deleting the record and making a new one."),
    ] = "change"
    whole: Annotated[
        bool, Field(description="An update empties what it does not name: it is read first.")
    ] = False
    line_ids: Annotated[
        bool, Field(description="false: lines are only counted, and known by their content.")
    ] = True
    remove: Annotated[
        Literal["void", "delete", "archive", "none"],
        Field(description="What becomes of a record the product voids or deletes."),
    ] = "delete"
    families: Annotated[
        Literal["own", "name"],
        Field(description="name: whom a contact belongs to is said by its name, `Parent: Child`."),
    ] = "own"
    job: Annotated[str | None, Field(description="The field that carries `job`.")] = None
    attributes: Annotated[str | None, Field(description="The field for `attributes`.")] = None
    swept: Annotated[bool, Field(description="Listed by change time.")] = True


class Provider(Model):
    """All plain facts about one provider."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name: Name
    port: Annotated[
        int | None,
        Field(ge=1024, le=65535, description="Its connector's, unless told otherwise."),
    ] = None
    oauth: OAuth | None = None
    companies: Companies | None = None
    webhooks: Webhooks | None = None
    limits: Limits
    calls: Calls
    entities: Mapping[EntityType, EntityFacts]
    sweep_every: Seconds = timedelta(minutes=15)
    sweep_overlap: Seconds = timedelta(minutes=5)
    links: Annotated[
        Mapping[str, str],
        Field(description="Deep link per entity; {id}, {company_code} filled in."),
    ] = {}


def load(text: str) -> Provider:
    """A provider from its TOML text.

    Raises pydantic.ValidationError, naming the field, where the file is wrong.
    """
    return Provider.model_validate(tomllib.loads(text))


@cache
def provider(name: str) -> Provider:
    """The facts of a provider.

    Raises LookupError with the known names where there is no such provider.
    """
    for folder in _folders():
        file = folder / f"{name}.toml"
        if file.is_file():
            return load(file.read_text())
    raise LookupError(f"no provider {name!r}; known are {', '.join(provider_ids())}")


def provider_ids() -> tuple[str, ...]:
    """The ids of all providers, sorted."""
    return tuple(sorted({file.stem for folder in _folders() for file in folder.glob("*.toml")}))


def extra_folders(variable: str) -> list[Path]:
    """The folders an environment variable names, as PATH does: searched after our own.

    PROVIDERS_PATH adds to `contracts/providers`, CONNECTORS_PATH to `services/connectors` and
    SIMULATORS_PATH to `services/sandbox/providers`: a provider need not lie in this distribution.
    """
    return [Path(name) for name in os.environ.get(variable, "").split(os.pathsep) if name]


def _folders() -> list[Path]:
    return [Path(__file__).parent / "providers", *extra_folders("PROVIDERS_PATH")]


__all__ = [
    "Calls",
    "Companies",
    "EntityFacts",
    "Feature",
    "Limits",
    "OAuth",
    "Provider",
    "Seconds",
    "Webhooks",
    "Window",
    "extra_folders",
    "load",
    "provider",
    "provider_ids",
]
