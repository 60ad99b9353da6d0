"""Simulators of the vendors, one folder each."""
