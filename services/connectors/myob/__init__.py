"""MYOB: what is odd about it beside the facts of contracts/providers/myob.toml."""
