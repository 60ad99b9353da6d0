"""The connector of Plod."""
