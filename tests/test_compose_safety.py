"""docker-compose.yml: pinned images, few rights, loopback ports, no secret in the file."""

import re

import pytest

from libs.service.ports import PORTS, default_port
from services.ops.keys_command import TO_SANDBOX, env_text, installation_keys
from services.ops.processes import known_providers
from tests.composed import COMPOSE, OURS, ROOT, SECRET, SERVICES, TEXT, VARIABLE, environment


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
    connectors = {default_port(f"connectors.{name}") for name in known_providers()}
    assert published == {*PORTS.values(), *connectors}
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
