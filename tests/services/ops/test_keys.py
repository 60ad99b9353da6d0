"""The keys of a local stack: made once, completed later, readable by their owner only."""

import stat
from pathlib import Path

from libs.service.secrets import KeyRing
from libs.service.settings import ServiceSettings
from libs.service.tokens import TokenSigner, TokenVerifier
from services.ops.environment import Addresses, environment_of
from services.ops.keys import load_keys


def test_keys_are_made_once(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    first = load_keys(file, ["acme"])
    assert load_keys(file, ["acme"]) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_new_provider_gets_a_key_and_the_others_keep_theirs(tmp_path: Path) -> None:
    first = load_keys(tmp_path / "keys.json", ["acme"])
    later = load_keys(tmp_path / "keys.json", ["acme", "other"])
    assert later == first | {"OTHER_WEBHOOK_KEY": later["OTHER_WEBHOOK_KEY"]}
    assert len(later["OTHER_WEBHOOK_KEY"]) >= 32


def test_the_keys_fit_the_settings_that_read_them(tmp_path: Path) -> None:
    keys = load_keys(tmp_path / "keys.json", [])
    named = {name.lower(): value for name, value in keys.items()}
    settings = ServiceSettings.model_validate(named)
    token = TokenSigner.from_settings("ops", settings).sign("auth")
    assert TokenVerifier.from_settings("auth", settings).verify(token).service == "ops"
    assert KeyRing.from_settings(settings).current == "local"


def test_no_service_is_given_a_key_it_does_not_need() -> None:
    names = ("SERVICE_KEY", "SERVICE_PUBLIC_KEYS", "VAULT_KEYS", "LINK_KEY", "ACME_WEBHOOK_KEY")
    services = ("auth", "webhook_gateway", "reference_product", "sandbox", "connectors.acme")
    addresses = Addresses("k:1", "postgresql://p", dict.fromkeys(services, "http://s"), True)
    given = {
        service: set(environment_of(service, addresses, dict.fromkeys(names, "x"))) & set(names)
        for service in services
    }
    assert given == {
        "auth": {"SERVICE_PUBLIC_KEYS", "VAULT_KEYS", "LINK_KEY"},
        "webhook_gateway": {"SERVICE_PUBLIC_KEYS", "ACME_WEBHOOK_KEY"},
        "reference_product": set(),
        "sandbox": set(),
        "connectors.acme": {"SERVICE_KEY", "SERVICE_PUBLIC_KEYS"},
    }


def test_only_a_stack_with_a_sandbox_leads_calls_there() -> None:
    services = dict.fromkeys(("auth", "reference_product", "sandbox"), "http://127.0.0.1:1")
    with_sandbox = environment_of("auth", Addresses("k", "p", services, True), KEYS)
    without = environment_of("auth", Addresses("k", "p", services, False), KEYS)
    assert with_sandbox["SANDBOX_URL"] == "http://127.0.0.1:1"
    assert "SANDBOX_URL" not in without


KEYS = {"SERVICE_PUBLIC_KEYS": "", "VAULT_KEYS": "", "LINK_KEY": ""}
