"""Services as processes of their own, forked from one that has imported everything already.

A start costs a fork, not two seconds of imports. `python -m services` itself is what the tests of
`ledgerbridge up` and of the demo start.
"""

import importlib
import multiprocessing
import os
import sys
from collections.abc import Mapping
from io import TextIOWrapper
from pathlib import Path

from libs.devstack.process import ProcessId

IMPORTED = (
    "services.__main__",
    "services.auth.app",
    "services.webhook_gateway.app",
    "services.reference_product.app",
    "services.sandbox.app",
    "libs.connector.service",
)


def fork_service(name: str, port: int, log: Path, environment: Mapping[str, str]) -> ProcessId:
    """Start a service as `python -m services` would; a `Launch` for `ServiceProcess`."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(IMPORTED))
    # A daemon of multiprocessing's: it ends with the tests even where nobody stops it.
    process = context.Process(target=_serve, args=(name, port, log, environment), daemon=True)
    process.start()
    assert process.pid is not None
    return ProcessId.of(process.pid)


def _serve(name: str, port: int, log: Path, environment: Mapping[str, str]) -> None:
    os.setsid()
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(output, 1)
    os.dup2(output, 2)
    for stream in (sys.stdout, sys.stderr):
        assert isinstance(stream, TextIOWrapper)
        stream.reconfigure(write_through=True)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["services", name, "--port", str(port)]
    importlib.import_module("services.__main__").main()
