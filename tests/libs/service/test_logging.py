"""What reaches the log, and what never does."""

import json
import logging
from collections.abc import Iterator

import httpx
import pytest
import structlog
from pydantic import SecretStr

from libs.service.logging import REDACTED, configure_logging, redact, redact_text


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "key",
    [
        "access_token", "refresh_token", "token", "Authorization", "client_secret", "password",
        "Set-Cookie", "api_key", "code_verifier", "service_key", "VAULT_KEYS", "link_key",
        "x-xero-signature",
    ],
)  # fmt: skip
def test_secrets_are_redacted_by_key(key: str) -> None:
    assert redact(None, "", {key: "hunter2"})[key] == REDACTED
    nested = redact(None, "", {"request": {"headers": [{key: "hunter2"}]}})
    assert "hunter2" not in json.dumps(nested)


@pytest.mark.parametrize(
    "key", ["idempotency_key", "key", "lane", "token_url", "token_expires_at", "connection"]
)
def test_what_is_no_secret_stays(key: str) -> None:
    assert redact(None, "", {key: "kept"})[key] == "kept"


def test_secrets_are_redacted_by_type() -> None:
    assert redact(None, "", {"anything": [SecretStr("hunter2")]}) == {"anything": [REDACTED]}


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer hunter2.abc",
        "Basic hunter2==",
        "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJodW50ZXIyIn0.hunter2",
        "postgresql://lb:hunter2@db/ledgerbridge",
        "GET /callback/acme?code=hunter2&scope=x",
        "GET /connect/acme?tenant=t&link=hunter2 failed",
        "https://x/?a=1&access_token=hunter2",
    ],
)
def test_secrets_are_redacted_by_shape(text: str) -> None:
    assert "hunter2" not in redact_text(text)
    assert REDACTED in redact_text(text)


def test_ordinary_text_is_untouched() -> None:
    text = "https://api.acme.example/Invoices?page=2&barcode=7 took 3 ms (Bearer)"
    assert redact_text(text) == text


def test_json_lines_carry_service_time_and_fields(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("auth", "INFO", "json")
    structlog.get_logger().info("token.refreshed", connection="c1", refresh_token="hunter2")
    line = json.loads(capsys.readouterr().out)
    assert line["event"] == "token.refreshed"
    assert (line["service"], line["level"], line["connection"]) == ("auth", "info", "c1")
    assert line["timestamp"].endswith("Z")
    assert line["refresh_token"] == REDACTED


def test_tracebacks_and_libraries_are_redacted_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("auth", "INFO", "json")
    try:
        raise httpx.ConnectError("failed for https://u:hunter2@host/?code=hunter2")
    except httpx.ConnectError:
        structlog.get_logger().exception("token.failed")
        logging.getLogger("library").exception("went wrong with Bearer %s", "hunter2")
    printed = capsys.readouterr().out
    assert "ConnectError" in printed
    assert "hunter2" not in printed
    assert all(json.loads(line) for line in printed.splitlines())


def test_the_level_holds(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("auth", "WARNING", "console")
    structlog.get_logger().info("too.quiet")
    structlog.get_logger().warning("loud.enough")
    printed = capsys.readouterr().out
    assert "loud.enough" in printed
    assert "too.quiet" not in printed
