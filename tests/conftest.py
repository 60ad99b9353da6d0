"""Fixtures every test may use: servers, databases, topic names, services as processes."""

import signal

pytest_plugins = ["libs.testing.stack"]

# Started in the background, a shell has us ignore Ctrl-C, and so would everything we start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
