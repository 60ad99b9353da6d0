"""Service tokens: who may call whom, and for how long."""

import json
from typing import Annotated

import httpx
import pytest
from fastapi import Depends, FastAPI
from joserfc import jwt
from joserfc.jwk import OctKey
from pydantic import SecretStr

from libs.service.settings import ServiceSettings
from libs.service.tokens import (
    Caller,
    TokenRefused,
    TokenSigner,
    TokenVerifier,
    caller_dependency,
    new_service_key,
    parse_service_key,
    public_keys,
)

NOW = 1_700_000_000


@pytest.fixture
def settings() -> ServiceSettings:
    key = new_service_key("k1")
    return ServiceSettings(service_key=SecretStr(key), service_public_keys=public_keys(key))


def test_a_connectors_token_carries_its_provider(settings: ServiceSettings) -> None:
    signer = TokenSigner.from_settings("connectors.acme", settings, provider="acme")
    verifier = TokenVerifier.from_settings("auth", settings)
    token = signer.sign("auth", now=NOW)
    assert verifier.verify(token, now=NOW + 1) == Caller("connectors.acme", "acme")


def test_a_token_lives_a_minute(settings: ServiceSettings) -> None:
    token = TokenSigner.from_settings("ops", settings).sign("auth", now=NOW)
    verifier = TokenVerifier.from_settings("auth", settings)
    assert verifier.verify(token, now=NOW + 60).service == "ops"
    with pytest.raises(TokenRefused):
        verifier.verify(token, now=NOW + 70)


def test_a_token_for_another_service_is_refused(settings: ServiceSettings) -> None:
    token = TokenSigner.from_settings("ops", settings).sign("auth", now=NOW)
    with pytest.raises(TokenRefused):
        TokenVerifier.from_settings("webhook_gateway", settings).verify(token, now=NOW)


def test_a_token_of_another_key_is_refused(settings: ServiceSettings) -> None:
    stranger = parse_service_key(new_service_key("k1"))
    token = TokenSigner("ops", stranger).sign("auth", now=NOW)
    with pytest.raises(TokenRefused):
        TokenVerifier.from_settings("auth", settings).verify(token, now=NOW)


def test_a_token_that_lives_longer_is_refused(settings: ServiceSettings) -> None:
    assert settings.service_key is not None
    key = parse_service_key(settings.service_key.get_secret_value())
    claims = {"iss": "ops", "aud": "auth", "iat": NOW, "exp": NOW + 3600}
    token = jwt.encode({"alg": "Ed25519", "kid": "k1"}, claims, key, algorithms=["Ed25519"])
    with pytest.raises(TokenRefused):
        TokenVerifier.from_settings("auth", settings).verify(token, now=NOW)


def test_a_token_signed_with_the_public_key_as_secret_is_refused(
    settings: ServiceSettings,
) -> None:
    secret = OctKey.import_key(settings.service_public_keys or "")
    claims = {"iss": "ops", "aud": "auth", "iat": NOW, "exp": NOW + 60}
    token = jwt.encode({"alg": "HS256", "kid": "k1"}, claims, secret)
    with pytest.raises(TokenRefused):
        TokenVerifier.from_settings("auth", settings).verify(token, now=NOW)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "\N{SNOWMAN}.b.c"])
def test_garbage_is_refused(settings: ServiceSettings, token: str) -> None:
    with pytest.raises(TokenRefused):
        TokenVerifier.from_settings("auth", settings).verify(token, now=NOW)


@pytest.mark.parametrize("missing", ["iss", "aud", "iat", "exp"])
def test_every_claim_is_needed(settings: ServiceSettings, missing: str) -> None:
    assert settings.service_key is not None
    key = parse_service_key(settings.service_key.get_secret_value())
    claims = {"iss": "ops", "aud": "auth", "iat": NOW, "exp": NOW + 60}
    del claims[missing]
    token = jwt.encode({"alg": "Ed25519", "kid": "k1"}, claims, key, algorithms=["Ed25519"])
    with pytest.raises(TokenRefused):
        TokenVerifier.from_settings("auth", settings).verify(token, now=NOW)


async def test_the_dependency_answers_401_and_names_the_caller(settings: ServiceSettings) -> None:
    app = FastAPI()
    caller = caller_dependency(TokenVerifier.from_settings("auth", settings))

    @app.get("/who")
    async def who(seen: Annotated[Caller, Depends(caller)]) -> str:
        return seen.service

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://auth") as client:
        assert (await client.get("/who")).status_code == 401
        refused = await client.get("/who", headers={"Authorization": "Bearer nonsense"})
        assert refused.status_code == 401
        assert "nonsense" not in refused.text
        headers = TokenSigner.from_settings("ops", settings).headers("auth")
        assert (await client.get("/who", headers=headers)).json() == "ops"


def test_public_keys_hold_no_private_part() -> None:
    keys = json.loads(public_keys(new_service_key("a"), new_service_key("b")))["keys"]
    assert [key["kid"] for key in keys] == ["a", "b"]
    assert all("d" not in key for key in keys)


@pytest.mark.parametrize("text", ["", "hunter2", "[]", '{"kty":"OKP"}', '{"kty":"oct","k":"x"}'])
def test_a_broken_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ValueError, match="SERVICE_KEY") as refused:
        parse_service_key(text)
    assert "hunter2" not in str(refused.value)


def test_missing_keys_are_named() -> None:
    empty = ServiceSettings(service_key=None, service_public_keys=None)
    with pytest.raises(ValueError, match="SERVICE_KEY"):
        TokenSigner.from_settings("ops", empty)
    with pytest.raises(ValueError, match="SERVICE_PUBLIC_KEYS"):
        TokenVerifier.from_settings("auth", empty)
