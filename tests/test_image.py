"""The image: requirements.lock holds all that its code imports, the wheel all that it reads."""

import fnmatch
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "libs/devstack/Dockerfile").read_text()
IGNORED = (ROOT / "libs/devstack/Dockerfile.dockerignore").read_text().splitlines()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = ("contracts", "libs", "services")
NOT_IN_THE_IMAGE = {"libs.testing"}  # nothing but tests imports it
DEVELOPERS_ONLY = {"contracts.generate"}  # `make contracts`

IMPORT_ALL = """
import importlib, importlib.abc, importlib.metadata, re, sys

locked, blocked = set(sys.argv[1].split(",")), sys.argv[2].split(",")

def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()

homes = importlib.metadata.packages_distributions()

class OnlyWhatIsLocked(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        homes_of = {canonical(home) for home in homes.get(name.partition(".")[0], ())}
        foreign = homes_of and "ledgerbridge" not in homes_of and not homes_of & locked
        if foreign or any(name == b or name.startswith(b + ".") for b in blocked):
            raise ModuleNotFoundError(f"{name} is not in the image", name=name)

for name in list(sys.modules):
    if name.partition(".")[0] in homes:
        del sys.modules[name]
sys.meta_path.insert(0, OnlyWhatIsLocked())
for module in sys.argv[3].split(","):
    importlib.import_module(module)
"""


def locked(text: str) -> set[str]:
    """The canonical names of a lock file."""
    names = re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names}


LOCK = locked((ROOT / "requirements.lock").read_text())


def modules() -> list[str]:
    """Every module of ours the image holds and somebody may import there."""
    paths = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    names = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in paths
    }
    left_out = NOT_IN_THE_IMAGE | DEVELOPERS_ONLY
    return sorted(n for n in names if not any(n == o or n.startswith(f"{o}.") for o in left_out))


def import_in_the_image(names: list[str], lock: set[str]) -> subprocess.CompletedProcess[str]:
    left_out = ",".join(NOT_IN_THE_IMAGE)
    arguments = [",".join(lock), left_out, ",".join(names)]
    command = [sys.executable, "-c", IMPORT_ALL, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


def test_the_image_can_import_every_module() -> None:
    names = modules()
    assert {"services.auth.app", "services.connectors.xero.app", "services.ops.cli"} <= set(names)
    done = import_in_the_image(names, LOCK)
    assert done.returncode == 0, done.stderr


def test_a_missing_requirement_is_noticed() -> None:
    done = import_in_the_image(["services.auth.app"], LOCK - {"authlib"})
    assert "authlib is not in the image" in done.stderr
    done = import_in_the_image(["libs.testing.stack"], LOCK)
    assert "libs.testing is not in the image" in done.stderr


def test_the_image_holds_nothing_of_the_extra_for_local_servers() -> None:
    extras = PROJECT["project"]["optional-dependencies"]["local"]
    named = {re.split(r"[<>=\[]", extra)[0] for extra in extras}
    assert not (named | {"pytest", "mypy", "ruff"}) & LOCK


def test_every_requirement_has_a_hash() -> None:
    text = (ROOT / "requirements.lock").read_text()
    entries = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert len(entries) == len(LOCK)
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_dockerfile_copies_what_is_there() -> None:
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    }
    assert {"requirements.lock", "pyproject.toml", *PACKAGES} <= copied
    assert all((ROOT / source).exists() for source in copied)
    allowed = {line.removeprefix("!") for line in IGNORED if line.startswith("!")}
    assert "*" in IGNORED
    assert allowed == copied


def test_the_image_is_built_from_the_lock_and_does_not_run_as_root() -> None:
    assert "--require-hashes -r requirements.lock" in DOCKERFILE
    assert "--no-deps" in DOCKERFILE
    assert "-e ." not in DOCKERFILE
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"python:3.11-slim"}
    assert 'ENTRYPOINT ["python", "-m", "services"]' in DOCKERFILE
    (user,) = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)
    assert not user.startswith(("0", "root"))
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    assert compose["x-ours"]["user"] == user


def test_the_build_tool_is_taken_from_the_lock_of_developers() -> None:
    (expression,) = re.findall(r"sed -n '([^']+)' requirements-dev\.lock", DOCKERFILE)
    lock = ROOT / "requirements-dev.lock"
    command = ["sed", "-n", expression, str(lock)]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert locked(found) == {"setuptools"}
    assert "--hash=sha256:" in found
    assert not found.rstrip().endswith("\\")


def test_the_wheel_holds_the_files_the_code_reads() -> None:
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["*"]
    suffixes = tuple(pattern.removeprefix("**/*") for pattern in patterns)
    here = ("Dockerfile", "Dockerfile.dockerignore")  # for the repository, not for the wheel
    left_out = [
        path.relative_to(ROOT)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file()
        and not fnmatch.fnmatch(path.name, "*.py[co]")
        and not path.name.endswith((".py", *suffixes, *here))
    ]
    assert left_out == []
