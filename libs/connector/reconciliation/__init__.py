"""Reconciliation: what the product has published beside what the ledger shows, to the cent."""
