"""Processes that outlive their starter: spawn, find again, stop by id with a limit."""

import os
import random
import signal
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil


class DevstackError(RuntimeError):
    """A server of the development stack did not start; the message says why and where to look."""


@dataclass(frozen=True, slots=True)
class ProcessId:
    """One process, told apart from a later one that was given the same number."""

    pid: int
    created: float

    @classmethod
    def of(cls, pid: int) -> "ProcessId":
        return cls(pid, psutil.Process(pid).create_time())

    def find(self) -> psutil.Process | None:
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) < 1
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None

    def is_running(self) -> bool:
        return self.find() is not None

    def stop(self, limit: float = 10, first: signal.Signals = signal.SIGTERM) -> None:
        """Send `first`, wait `limit` seconds, then SIGKILL; returns when the process has ended."""
        process = self.find()
        if process is not None:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(first)
            with suppress(psutil.TimeoutExpired):
                process.wait(limit)
        self.kill()

    def kill(self) -> None:
        """SIGKILL, then wait until the process has ended."""
        process = self.find()
        if process is not None:
            with suppress(psutil.NoSuchProcess):
                process.kill()
            process.wait(10)
        with suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)  # or a child of ours would stay behind as a zombie


def spawn(
    command: Sequence[str | Path],
    log: Path,
    *,
    environment: Mapping[str, str] | None = None,
    keep_open: Sequence[int] = (),
) -> ProcessId:
    """Start `command` in a session of its own, its output appended to `log`.

    The file descriptors of `keep_open` stay open in it: a lock held on one lives as long as it.
    """
    for descriptor in keep_open:
        os.set_inheritable(descriptor, True)
    try:
        pid = os.posix_spawn(
            command[0],
            [str(word) for word in command],
            dict(os.environ if environment is None else environment),
            file_actions=_output_to(log),
            setsid=True,
        )
    finally:
        for descriptor in keep_open:
            os.set_inheritable(descriptor, False)
    return ProcessId.of(pid)


def _output_to(log: Path) -> list[tuple[object, ...]]:
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    return [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), append, 0o644),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]


def free_port() -> int:
    """A TCP port nobody uses now, below those the system gives to outgoing connections.

    One of theirs could be taken by a client while a server that is to come back is down.
    """
    while True:
        port = random.randrange(15_000, 30_000)  # noqa: S311 - not a secret
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def answers(host: str, port: int, timeout: float = 1) -> bool:
    """Whether something accepts TCP connections there."""
    try:
        with socket.create_connection((host, port), timeout):
            return True
    except OSError:
        return False


def wait_until(condition: Callable[[], bool], limit: float, pause: float = 0.05) -> bool:
    """Ask until the answer is yes or `limit` seconds have passed."""
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def tail(log: Path, lines: int = 20) -> str:
    """The last lines of a log file, for an error message."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
