"""The settings every service shares, read from environment variables."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Environment variables of the same names in capitals; a service adds its own in a subclass."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, env_ignore_empty=True
    )

    kafka_url: str = "127.0.0.1:9092"
    postgres_url: str = Field(
        default="postgresql://postgres@127.0.0.1:5432/ledgerbridge",
        repr=False,
        description="May hold a password, so it is kept out of reprs; may name a Unix socket.",
    )
    topic_prefix: str = Field(
        default="", description="Put before every topic name and consumer group."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "json"
    public_url: str | None = Field(
        default=None, description="The service's own base URL as browsers and vendors see it."
    )
    auth_url: str = "http://127.0.0.1:9801"
    product_url: str = Field(
        default="http://127.0.0.1:9803", description="The invoicing product, for deep links."
    )
    service_key: SecretStr | None = Field(
        default=None, description="Ed25519 private JWK that signs service tokens."
    )
    service_public_keys: str | None = Field(
        default=None, description="JWKS that service tokens are verified with."
    )
    vault_keys: SecretStr | None = Field(
        default=None, description="Key ring as JSON: `current` and `keys` (base64, 32 bytes)."
    )
    vault_keys_file: Path | None = Field(
        default=None, description="A file that holds the key ring instead."
    )
