"""Services and commands as processes of their own, forked from one that has imported everything.

A start costs a fork, not two seconds of imports. `python -m services` itself is what the tests of
`ledgerbridge up` and of the demo start.
"""

import importlib
import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from libs.devstack.process import ProcessId

IMPORTED = (
    "services.__main__",
    "services.auth.app",
    "services.webhook_gateway.app",
    "services.reference_product.app",
    "services.sandbox.app",
    "services.ops.cli",
    "libs.connector.service",
)


def fork_service(name: str, port: int, log: Path, environment: Mapping[str, str]) -> ProcessId:
    """Start a service as `python -m services` would; a `Launch` for `ServiceProcess`."""
    words = ("services", name, "--port", str(port))
    process = _forked("services.__main__", words, (log, log), environment)
    assert process.pid is not None
    return ProcessId.of(process.pid)


def run_ledgerbridge(words: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str, str]:
    """Run a command as a person would: its exit status, what it says and what it complains of."""
    with TemporaryDirectory() as folder:
        said, complained = Path(folder) / "stdout", Path(folder) / "stderr"
        main = ("ledgerbridge", *words)
        process = _forked("services.ops.cli", main, (said, complained), environment)
        process.join()
        status = process.exitcode
        assert status is not None
        return status, said.read_text(), complained.read_text()


def _forked(
    module: str, words: Sequence[str], output: tuple[Path, Path], environment: Mapping[str, str]
) -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(IMPORTED))
    # A daemon of multiprocessing's: it ends with the tests even where nobody stops it.
    process = context.Process(target=_run, args=(module, words, output, environment), daemon=True)
    process.start()
    return process


def _run(
    module: str, words: Sequence[str], output: tuple[Path, Path], environment: Mapping[str, str]
) -> None:
    os.setsid()
    for stream, log in zip((sys.stdout, sys.stderr), output, strict=True):
        assert isinstance(stream, TextIOWrapper)
        os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644), stream.fileno())
        stream.reconfigure(write_through=True)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = list(words)
    main: Callable[[], None] = importlib.import_module(module).main
    main()
