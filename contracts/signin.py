"""Plain facts about how a tenant signs in at a provider and which company that connects."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from contracts.values import Model, Seconds


class OAuth(Model):
    """OAuth 2 authorization code, as the vendor does it."""

    authorize_url: str
    authorize_params: Annotated[
        Mapping[str, str], Field(description="Sent to the consent page beside the usual.")
    ] = {}
    token_url: str
    token_params: Annotated[
        tuple[str, ...],
        Field(description="What the exchange of the code repeats of what the page was sent."),
    ] = ()
    token_headers: Annotated[
        Mapping[str, str], Field(description="Sent with every call of the token endpoint.")
    ] = {}
    revoke_url: str | None = None
    revoke_body: Literal["form", "json"] = "form"
    scopes: tuple[str, ...]
    pkce: bool
    client_auth: Literal["client_secret_basic", "client_secret_post"]
    access_token_life: Seconds
    refresh_token_life: Annotated[Seconds, Field(description="When unused.")]
    refresh_life_field: Annotated[
        str | None, Field(description="Where a token answer tells the seconds of that life.")
    ] = None
    refresh_grace: Annotated[
        Seconds, Field(description="How long the former refresh token still works; 0: not at all.")
    ] = timedelta(0)
    consent_life: Annotated[
        Seconds | None, Field(description="After it a person must consent again, used or not.")
    ] = None
    consent_life_field: Annotated[
        str | None, Field(description="Where a token answer tells how many seconds are left of it.")
    ] = None

    @model_validator(mode="after")
    def _what_is_repeated_was_sent(self) -> Self:
        if unknown := set(self.token_params) - {"scope", *self.authorize_params}:
            raise ValueError(f"token_params repeats what is never sent: {', '.join(unknown)}")
        return self


class Companies(Model):
    """Where the vendor names the companies a grant reaches, and how one is let go.

    Either it lists them (`list_url`), or the only one comes with the redirect (`id_param`). The
    redirect passes through a browser, so the company's own name is read with the new token: what
    the token does not reach is not connected.
    """

    list_url: str | None = None
    id_field: str = ""
    name_field: str = ""
    where: Annotated[Mapping[str, str], Field(description="Field values of those we take.")] = {}
    id_param: Annotated[
        str | None, Field(description="The redirect's parameter with the company's id.")
    ] = None
    name_param: Annotated[
        str | None, Field(description="The redirect's parameter with the company's name.")
    ] = None
    name_url: Annotated[
        str | None, Field(description="GET, as [calls] are made; {company} is filled in.")
    ] = None
    name_path: Annotated[
        str | None, Field(description="Where its answer has the name, say `Company.Name`.")
    ] = None
    reach: Annotated[
        Literal["many", "one"],
        Field(description="one: a consent is for a single company, whoever gives it."),
    ] = "many"
    link_field: Annotated[
        str | None, Field(description="The vendor's id of the grant's link to the company.")
    ] = None
    disconnect_url: Annotated[str | None, Field(description="DELETE; {link} is filled in.")] = None

    @property
    def single(self) -> bool:
        """Whether a consent is for one company."""
        return self.reach == "one" or self.id_param is not None

    @model_validator(mode="after")
    def _listed_or_redirected(self) -> Self:
        if (self.list_url is None) == (self.id_param is None):
            raise ValueError("say either list_url or id_param")
        if self.list_url is not None and not (self.id_field and self.name_field):
            raise ValueError("a list of companies needs id_field and name_field")
        if self.id_param is not None and self.name_url is None:
            raise ValueError("id_param needs name_url: the redirect alone is no proof")
        return self
