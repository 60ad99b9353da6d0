"""Stateful simulators of the providers' APIs over one double-entry ledger."""
