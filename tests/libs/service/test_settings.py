"""Settings come from the environment and keep secrets out of their repr."""

import pytest
from pydantic import ValidationError

from libs.service.settings import ServiceSettings


def test_environment_wins_and_empty_counts_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_URL", "broker:9092")
    monkeypatch.setenv("AUTH_URL", "")
    settings = ServiceSettings()
    assert settings.kafka_url == "broker:9092"
    assert settings.auth_url == "http://127.0.0.1:9801"


def test_secrets_are_not_in_the_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGRES_URL", "postgresql://u:hunter2@db/x")
    monkeypatch.setenv("SERVICE_KEY", "hunter2")
    monkeypatch.setenv("VAULT_KEYS", "hunter2")
    assert "hunter2" not in repr(ServiceSettings())


def test_a_wrong_value_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "hunter2")
    with pytest.raises(ValidationError) as refused:
        ServiceSettings()
    assert "hunter2" not in str(refused.value)
