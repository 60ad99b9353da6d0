"""One adapter per provider, from its wire form."""
