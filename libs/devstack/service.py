"""Our services as processes: start, wait until ready, stop, kill, restart."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from libs.devstack.process import DevstackError, ProcessId, answers, spawn, tail, wait_until

READY_LIMIT = 60.0

Launch = Callable[[str, int, Path, Mapping[str, str]], ProcessId]
"""Starts the service of a name on a port, with a log and the whole environment."""


def run_python(name: str, port: int, log: Path, environment: Mapping[str, str]) -> ProcessId:
    """`python -m services <name>` in a session of its own."""
    command = [sys.executable, "-m", "services", name, "--port", str(port)]
    return spawn(command, log, environment=environment)


@dataclass(slots=True)
class ServiceProcess:
    """A service on this machine; its output is appended to `log`."""

    name: str
    port: int
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    process: ProcessId | None = None
    launch: Launch = run_python

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.is_running()

    def start(self) -> None:
        """Start the process without waiting for it; one that runs is left alone.

        Raises `DevstackError` when something else listens on the port: its answers would be
        taken for this service's.
        """
        if self.is_running:
            return
        if answers("127.0.0.1", self.port):
            raise DevstackError(
                f"Port {self.port}, where {self.name} should answer, is taken by another program; "
                "stop that one first (`ledgerbridge doctor` names it)."
            )
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", **self.environment}
        self.process = self.launch(self.name, self.port, self.log, environment)

    def is_ready(self) -> bool:
        try:
            # It is plain HTTP: loading certificates for each look would take most of the time.
            answer = httpx.get(f"{self.url}/ready", timeout=3, trust_env=False, verify=False)  # noqa: S501
            return answer.status_code == 200
        except httpx.TransportError:
            return False

    def wait_ready(self, limit: float = READY_LIMIT) -> None:
        """Return once `/ready` answers 200; raises `DevstackError` with the end of the log."""
        if wait_until(lambda: self.is_ready() or not self.is_running, limit) and self.is_running:
            return
        said = "is not ready" if self.is_running else "has ended"
        raise DevstackError(f"{self.name} {said}; the end of {self.log}:\n{tail(self.log)}")

    def stop(self, limit: float = 15) -> None:
        """SIGTERM, then SIGKILL after `limit` seconds."""
        if self.process is not None:
            self.process.stop(limit)

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        if self.process is not None:
            self.process.kill()

    def restart(self, limit: float = READY_LIMIT) -> None:
        """Stop unless it has ended, start on the same port, wait until it is ready."""
        self.stop()
        self.start()
        self.wait_ready(limit)
