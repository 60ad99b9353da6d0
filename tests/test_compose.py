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
import yaml
from jsonschema import Draft202012Validator

from libs.connector.service import ConnectorSettings
from libs.devstack.process import free_port
from libs.devstack.service import ServiceProcess
from libs.service.origins import Origins
from libs.service.ports import CONNECTOR_PORT, PORTS, default_port
from libs.service.settings import ServiceSettings
from services import __main__ as runner
from services.auth.settings import AuthSettings, app_credentials
from services.ops import webhooks
from services.ops.cli import app as command_line
from services.ops.environment import Addresses, environment_of
from services.ops.keys_command import TO_SANDBOX, env_text, installation_keys
from services.ops.local import OperatorSettings
from services.reference_product.settings import ProductSettings
from services.webhook_gateway.settings import GatewaySettings
from services.webhook_gateway.signatures import WebhookKeys

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SERVERS = {"kafka", "postgres"}
OURS = {name: service for name, service in SERVICES.items() if name not in SERVERS}
SETTINGS: dict[str, type[ServiceSettings]] = {
    "auth": AuthSettings,
    "webhook_gateway": GatewaySettings,
    "reference_product": ProductSettings,
    "sandbox": ServiceSettings,
    "connectors.xero": ConnectorSettings,
}
READ_BY_NAME = {  # each is shown to be read by a test below
    "auth": {"SANDBOX_URL", "XERO_CLIENT_ID", "XERO_CLIENT_SECRET"},
    "webhook_gateway": {"XERO_WEBHOOK_KEY"},
    "sandbox": {"SANDBOX_LIMITS"},
    "connectors.xero": {"SANDBOX_URL"},
}
SECRET = re.compile(r"(PASSWORD|SECRET|KEYS?)$")
VARIABLE = re.compile(r"\$\{([A-Z_]+)(?:(:[-?])([^}]*))?\}")


def interpolated(value: str, variables: dict[str, str]) -> str:
    """What Compose makes of a value, in the three forms the file uses."""

    def replaced(found: re.Match[str]) -> str:
        name, kind, text = found.groups()
        if kind == ":?" and not variables.get(name):
            raise KeyError(name)
        return variables.get(name) or (text if kind == ":-" else "")

    return VARIABLE.sub(replaced, value)


def environment(name: str, variables: dict[str, str]) -> dict[str, str]:
    given: dict[str, str] = SERVICES[name].get("environment", {})
    return {key: interpolated(value, variables) for key, value in given.items()}


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
    assert set(PORTS) | {"connectors.xero"} | SERVERS <= set(SERVICES)
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


def test_variables_named_after_a_provider_are_read() -> None:
    variables = installation_keys(sandbox=True)
    mine = {"XERO_CLIENT_ID": "us", "XERO_CLIENT_SECRET": "ours"}
    auth = environment("auth", variables | mine)
    credentials = app_credentials("xero", sandbox=False, environment=auth)
    assert credentials is not None
    assert credentials.client_id == "us"
    assert (
        app_credentials("xero", sandbox=False, environment=environment("auth", variables)) is None
    )
    for name in ("auth", "connectors.xero"):
        origins = Origins.from_environment(environment(name, variables))
        assert origins.origin("xero") == f"{TO_SANDBOX['SANDBOX_URL']}/xero"
        bare = environment(name, installation_keys(sandbox=False))
        assert Origins.from_environment(bare).origin("xero") is None
    gateway = environment("webhook_gateway", variables)
    assert WebhookKeys.from_environment(gateway).of("xero")


def test_each_service_is_given_what_a_local_stack_gives_it_and_no_other_secret() -> None:
    keys = installation_keys(sandbox=False)
    urls = dict.fromkeys(SETTINGS, "http://127.0.0.1:1")
    addresses = Addresses("k:1", "postgresql://p", urls, sandbox=False)
    for name in SETTINGS:
        local = set(environment_of(name, addresses, keys))
        composed = set(SERVICES[name]["environment"])
        assert local <= composed
        apps_own = {"XERO_CLIENT_SECRET"} if name == "auth" else set()
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
    monkeypatch.setenv("XERO_WEBHOOK_KEY", "the key")
    assert SERVICES["sandbox_webhooks"]["entrypoint"] == ["python", "-c"]
    (script,) = SERVICES["sandbox_webhooks"]["command"]
    exec(script, {})
    sandbox, gateway = PORTS["sandbox"], PORTS["webhook_gateway"]
    url = f"http://127.0.0.1:{gateway}/webhooks/xero"
    assert told == [(f"http://127.0.0.1:{sandbox}", "xero", url, "the key")]


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


def test_images_are_pinned_and_those_the_devstack_runs() -> None:
    jars = (ROOT / "libs/devstack/kafka_jars.lock").read_text()
    kafka = re.search(r"org\.apache\.kafka:kafka-server:(\S+)", jars)
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert kafka is not None
    assert version is not None
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{kafka[1]}"
    assert re.fullmatch(r"postgres:18\.\d+", SERVICES["postgres"]["image"])
    assert {service["image"] for service in OURS.values()} == {f"ledgerbridge:{version[1]}"}
    assert all((ROOT / service["build"]["dockerfile"]).exists() for service in OURS.values())
    assert set(re.findall(r"ledgerbridge:\d\S+", TEXT)) == {f"ledgerbridge:{version[1]}"}


@pytest.mark.parametrize("name", SERVICES)
def test_containers_have_few_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["user"].partition(":")[0] not in {"", "0", "root"}
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("read_only") or name == "kafka"
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    assert not {"privileged", "cap_add", "env_file"} & set(service)


def test_what_is_waited_for_can_come() -> None:
    for service in SERVICES.values():
        for name, wait in service.get("depends_on", {}).items():
            assert wait["condition"] != "service_healthy" or "healthcheck" in SERVICES[name]
        mounted = {mount.partition(":")[0] for mount in service.get("volumes", ())}
        assert mounted <= set(COMPOSE["volumes"])
    published = {int(port.split(":")[1]) for port in SERVICES["pod"]["ports"]}
    assert published == {*PORTS.values(), CONNECTOR_PORT}
    in_the_pod = {name for name, service in OURS.items() if name != "pod"}
    assert {name for name in SERVICES if SERVICES[name].get("network_mode") == "service:pod"} == (
        in_the_pod
    )


def test_no_secret_stands_in_the_file() -> None:
    for service in SERVICES.values():
        for key, value in service.get("environment", {}).items():
            if SECRET.search(key):
                assert VARIABLE.fullmatch(value)
                assert VARIABLE.sub(r"\3", value) in {
                    "",
                    "run ledgerbridge keys",
                }
    password = COMPOSE["x-shared"]["POSTGRES_URL"].partition("postgres:")[2].rpartition("@")[0]
    assert VARIABLE.fullmatch(password)


def test_every_variable_of_the_env_file_is_documented_and_made() -> None:
    used = {name: kind for name, kind, _ in VARIABLE.findall(TEXT)}
    documented = set(re.findall(r"^#   ([A-Z_]+)  +\S", TEXT, re.MULTILINE))
    assert documented == set(used) | set(TO_SANDBOX)
    needed = {name for name, kind in used.items() if kind == ":?"}
    assert needed == set(installation_keys(sandbox=False))


def test_the_url_of_postgresql_holds_the_password_made() -> None:
    keys = installation_keys(sandbox=False)
    assert f":{keys['POSTGRES_PASSWORD']}@" in environment("auth", keys)["POSTGRES_URL"]
    assert keys["POSTGRES_PASSWORD"].isalnum()
    assert all("'" not in value and "\n" not in value for value in keys.values())
    assert env_text({"A": '{"b": "$c"}'}) == 'A=\'{"b": "$c"}\'\n'
