"""Processes are found again, stopped by id with a limit, and never mistaken for another."""

import fcntl
import signal
import sys
from pathlib import Path

import psutil
import pytest

from libs.devstack.process import ProcessId, answers, free_port, spawn, tail, wait_until

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('up', flush=True); time.sleep(600)"
)
WILLING = "import time; print('up', flush=True); time.sleep(600)"


def _start(code: str, log: Path, **options: object) -> ProcessId:
    process = spawn([sys.executable, "-c", code], log, **options)  # type: ignore[arg-type]
    assert wait_until(lambda: "up" in tail(log), 30)
    return process


def test_a_willing_process_ends_on_sigterm(tmp_path: Path) -> None:
    process = _start(WILLING, tmp_path / "log")
    assert process.is_running()
    process.stop(30)
    assert not process.is_running()
    assert not psutil.pid_exists(process.pid)
    process.stop()


def test_a_stubborn_one_is_killed_after_the_limit(tmp_path: Path) -> None:
    process = _start(STUBBORN, tmp_path / "log")
    process.stop(0.2)
    assert not process.is_running()


def test_another_process_of_the_same_number_is_left_alone(tmp_path: Path) -> None:
    process = _start(WILLING, tmp_path / "log")
    earlier = ProcessId(process.pid, process.created - 100)
    assert not earlier.is_running()
    earlier.stop(0.1)
    earlier.kill()
    assert process.is_running()
    process.kill()


def test_it_lives_in_a_session_of_its_own(tmp_path: Path) -> None:
    code = "import os, time; print('up', os.getsid(0) == os.getpid(), flush=True); time.sleep(600)"
    process = _start(code, tmp_path / "log")
    assert "up True" in tail(tmp_path / "log")
    process.stop(30, signal.SIGINT)
    assert not process.is_running()


def test_a_lock_handed_over_lives_as_long_as_the_process(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = _start(WILLING, tmp_path / "log", keep_open=[lock.fileno()])
    with (tmp_path / "lock").open("w") as lock:
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        process.kill()
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_free_ports_answer_nobody() -> None:
    assert not answers("127.0.0.1", free_port())
    assert tail(Path("/nonexistent")) == ""
