"""docker-compose.yml: valid by the Compose specification, and nothing in it the code lacks."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from jsonschema import Draft202012Validator

from contracts.provider import provider as facts
from libs.connector.credentials import app_key
from libs.connector.service import ConnectorSettings
from libs.devstack.process import free_port
from libs.devstack.service import ServiceProcess
from libs.service.origins import Origins
from libs.service.ports import PORTS, default_port
from libs.service.settings import ServiceSettings
from services import __main__ as runner
from services.auth.settings import AuthSettings, app_credentials
from services.ops import webhooks
from services.ops.cli import app as command_line
from services.ops.environment import Addresses, environment_of
from services.ops.keys import webhook_key_name
from services.ops.keys_command import TO_SANDBOX, installation_keys
from services.ops.local import OperatorSettings
from services.ops.processes import known_providers, notifying
from services.reference_product.settings import ProductSettings
from services.sandbox import app as sandbox
from services.sandbox.provider import Provider
from services.sandbox.providers.xero import provider
from services.webhook_gateway.settings import GatewaySettings
from services.webhook_gateway.signatures import WebhookKeys
from tests.composed import COMPOSE, ROOT, SECRET, SERVERS, SERVICES, TEXT, environment

SETTINGS: dict[str, type[ServiceSettings]] = {
    "auth": AuthSettings,
    "webhook_gateway": GatewaySettings,
    "reference_product": ProductSettings,
    "sandbox": ServiceSettings,
    **{f"connectors.{name}": ConnectorSettings for name in known_providers()},
}
APPS = [name for name in known_providers() if facts(name).oauth]
KEYED = [name for name in known_providers() if facts(name).calls.app_key_header]
SENDERS = notifying(known_providers())
IDS, APP_SECRETS = ({f"{name.upper()}_CLIENT_{what}" for name in APPS} for what in ("ID", "SECRET"))
READ_BY_NAME = {  # each is shown to be read by a test below
    "auth": {"SANDBOX_URL", *IDS, *APP_SECRETS},
    "webhook_gateway": {webhook_key_name(name) for name in SENDERS},
    "sandbox": {"SANDBOX_LIMITS"},
    **{f"connectors.{name}": {"SANDBOX_URL"} for name in known_providers()},
    **{f"connectors.{name}": {"SANDBOX_URL", f"{name.upper()}_CLIENT_ID"} for name in KEYED},
}


def errors(compose: dict[str, Any]) -> list[str]:
    schema = json.loads((ROOT / "tests/vendor/compose/compose-spec.json").read_text())
    return [error.message for error in Draft202012Validator(schema).iter_errors(compose)]


def health(name: str) -> tuple[list[str], int, str]:
    """The command of a service's health check, and the port and path it asks."""
    command = SERVICES[name]["healthcheck"]["test"]
    assert command[0] == "CMD"
    found = re.search(r"http://127\.0\.0\.1:(\d+)(/\w+)'", command[-1])
    assert found is not None
    return command[1:], int(found[1]), found[2]


def test_the_file_is_valid_by_the_specification() -> None:
    assert errors(COMPOSE) == []


def test_the_schema_refuses_what_is_no_compose_file() -> None:
    service = {"image": "a:1", "health_check": {}}
    assert errors({"services": {"a": service}})
    assert errors({"services": {"a": {"depends_on": {"b": {"condition": "ready"}}}}})


def test_every_service_is_there() -> None:
    connectors = {f"connectors.{name}" for name in known_providers()}
    assert set(PORTS) | connectors | SERVERS <= set(SERVICES)
    assert set(PORTS) | connectors == set(SETTINGS)
    assert {name for name in SERVICES if SERVICES[name].get("profiles") == ["demo"]} == {
        "sandbox",
        "sandbox_webhooks",
    }


@pytest.mark.parametrize("name", SETTINGS)
def test_command_port_and_health_path_exist(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in environment(name, installation_keys(sandbox=True)).items():
        monkeypatch.setenv(key, value)
    arguments = runner._parser().parse_args(SERVICES[name]["command"])
    assert (arguments.name, arguments.host) == (name, "0.0.0.0")
    paths = {getattr(route, "path", "") for route in runner._factory(name)().routes}
    _, port, path = health(name)
    assert path == "/ready"
    assert {"/ready", "/live"} <= paths
    assert port == (arguments.port or default_port(name))
    assert f"127.0.0.1:{port}:{port}" in SERVICES["pod"]["ports"]


@pytest.mark.parametrize("name", SETTINGS)
def test_every_variable_is_read_by_its_service(name: str) -> None:
    fields = {field.upper() for field in SETTINGS[name].model_fields}
    assert set(SERVICES[name]["environment"]) <= fields | READ_BY_NAME.get(name, set())
    given = environment(name, installation_keys(sandbox=False))
    SETTINGS[name].model_validate({k.lower(): v for k, v in given.items() if v})


@pytest.mark.parametrize("name", APPS)
def test_variables_named_after_a_provider_are_read(name: str) -> None:
    variables = installation_keys(sandbox=True)
    mine = {f"{name.upper()}_CLIENT_ID": "us", f"{name.upper()}_CLIENT_SECRET": "ours"}
    auth = environment("auth", variables | mine)
    credentials = app_credentials(name, sandbox=False, environment=auth)
    assert credentials is not None
    assert credentials.client_id == "us"
    assert app_credentials(name, sandbox=False, environment=environment("auth", variables)) is None
    for service in ("auth", f"connectors.{name}"):
        origins = Origins.from_environment(environment(service, variables))
        assert origins.origin(name) == f"{TO_SANDBOX['SANDBOX_URL']}/{name}"
        bare = environment(service, installation_keys(sandbox=False))
        assert Origins.from_environment(bare).origin(name) is None
    gateway = environment("webhook_gateway", variables)
    assert bool(WebhookKeys.from_environment(gateway).of(name)) == (name in SENDERS)


@pytest.mark.parametrize("name", KEYED)
def test_our_apps_id_is_read_where_every_call_carries_it(name: str) -> None:
    mine = {f"{name.upper()}_CLIENT_ID": "us"}
    given = environment(f"connectors.{name}", installation_keys(sandbox=False) | mine)
    assert app_key(name, Origins.from_environment(given), given) == "us"


def test_each_service_is_given_what_a_local_stack_gives_it_and_no_other_secret() -> None:
    keys = installation_keys(sandbox=False)
    urls = dict.fromkeys(SETTINGS, "http://127.0.0.1:1")
    addresses = Addresses("k:1", "postgresql://p", urls, sandbox=False)
    for name in SETTINGS:
        local = set(environment_of(name, addresses, keys))
        composed = set(SERVICES[name]["environment"])
        assert local <= composed
        apps_own = APP_SECRETS if name == "auth" else set()
        secrets = {key for key in composed if SECRET.search(key)}
        assert secrets == {key for key in local if SECRET.search(key)} | apps_own


def test_the_operators_commands_are_real() -> None:
    variables = {key.lower() for key in SERVICES["ops"]["environment"]}
    assert variables <= set(OperatorSettings.model_fields)
    group = typer.main.get_command(command_line)
    said = re.findall(
        r"^#.*?(?:run --rm ops|--entrypoint ledgerbridge \S+) ([^>)\n]+)", TEXT, re.MULTILINE
    )
    assert [words.split()[0] for words in said] == ["keys", "connect", "status"]
    for words in said:
        name, *arguments = shlex.split(words)
        command = group.commands[name]  # type: ignore[attr-defined]
        command.make_context(name, arguments)


def test_the_sandbox_is_told_of_the_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, ...]] = []
    monkeypatch.setattr(webhooks, "subscribe", lambda *arguments: told.append(arguments))
    for name in SENDERS:
        monkeypatch.setenv(webhook_key_name(name), f"the key of {name}")
    assert SERVICES["sandbox_webhooks"]["entrypoint"] == ["python", "-c"]
    (script,) = SERVICES["sandbox_webhooks"]["command"]
    exec(script, {})
    given = SERVICES["sandbox_webhooks"]["environment"]
    assert set(given) == {webhook_key_name(name) for name in SENDERS}
    gateway, sandbox = (f"http://127.0.0.1:{PORTS[n]}" for n in ("webhook_gateway", "sandbox"))
    assert sorted(told) == [
        (sandbox, name, f"{gateway}/webhooks/{name}", f"the key of {name}") for name in SENDERS
    ]


def test_a_health_check_tells_ready_from_gone(tmp_path: Path) -> None:
    command, port, _ = health("sandbox")
    service = ServiceProcess("sandbox", free_port(), tmp_path / "log")
    asked = [sys.executable, *(part.replace(str(port), str(service.port)) for part in command[1:])]
    assert subprocess.run(asked, capture_output=True, check=False).returncode != 0
    service.environment = environment("sandbox", {})
    service.start()
    try:
        service.wait_ready()
        assert subprocess.run(asked, capture_output=True, check=False).returncode == 0
    finally:
        service.stop()


def test_kafka_has_the_settings_of_the_devstack() -> None:
    given = SERVICES["kafka"]["environment"]
    lines = (ROOT / "libs/devstack/kafka_server.properties").read_text().splitlines()
    wanted = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    differ = {"listeners", "advertised.listeners", "controller.quorum.voters", "log.dirs"}
    for key, value in wanted.items():
        name = "KAFKA_" + key.upper().replace(".", "_")
        assert name in given, key
        assert key in differ or given[name] == value, key
    advertised = given["KAFKA_ADVERTISED_LISTENERS"]
    assert f"INSIDE://{COMPOSE['x-shared']['KAFKA_URL']}" in advertised


def test_the_limits_of_the_sandbox_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    made = provider.simulator

    def simulator(*, limits: bool) -> Provider:
        asked.append(limits)
        return made(limits=limits)

    monkeypatch.setattr(provider, "simulator", simulator)
    for variables in ({}, {"SANDBOX_LIMITS": "off"}):
        for key, value in environment("sandbox", variables).items():
            monkeypatch.setenv(key, value)
        sandbox.create_app()
    assert asked == [True, False]
