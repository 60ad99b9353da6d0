"""Simulators of the vendors, one folder each; SIMULATORS_PATH names more such folders."""

from contracts.provider import extra_folders

__path__ += [str(folder) for folder in extra_folders("SIMULATORS_PATH")]
