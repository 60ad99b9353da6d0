"""Ctrl-C and SIGTERM while processes are started and stopped."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interrupted_by_sigterm() -> Iterator[None]:
    """SIGTERM is taken as Ctrl-C, so that what was started is stopped."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def undisturbed() -> Iterator[None]:
    """A second Ctrl-C while stopping is ignored: it would leave processes behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ignored = [signal.SIGINT, signal.SIGTERM]
    before = [signal.signal(number, signal.SIG_IGN) for number in ignored]
    try:
        yield
    finally:
        for number, handler in zip(ignored, before, strict=True):
            signal.signal(number, handler)
