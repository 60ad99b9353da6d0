"""Fixtures every test may use, and how tests are dealt to the workers of pytest-xdist."""

import os
import signal
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["libs.testing.run", "libs.testing.stack"]

LONG = ("tests/flows/", "tests/matrix/", "tests/services/ops/demo/test_demo.py")
"""Each of these is dealt by itself; those below share a stack of their file's own."""
TOGETHER = ("test_plod.py", "test_servers.py")

# One tree, one result: what hypothesis draws changes with the code alone. FULL=1 explores anew.
hypothesis.settings.register_profile("same", derandomize=True)
if not os.environ.get("FULL"):
    hypothesis.settings.load_profile("same")

# Started in the background, a shell has us ignore Ctrl-C, and so would everything we start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """A file goes to one worker, for what it starts once; every worker has a stack for flows."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        alone = file.startswith(LONG) and Path(file).name not in TOGETHER
        return nodeid if alone else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    config.option.loadscopereorder = False
    return ByFile(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes long is begun first: no worker is left with it at the end."""
    if hasattr(config, "workerinput"):
        items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    if item.get_closest_marker("slow"):
        return 0
    return 1 if item.nodeid.startswith(LONG) else 2
