"""docker-compose.yml as the tests read it, its variables filled in as Compose does."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SERVERS = {"kafka", "postgres"}
OURS = {name: service for name, service in SERVICES.items() if name not in SERVERS}
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
