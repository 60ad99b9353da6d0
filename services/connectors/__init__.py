"""One package per provider: facts stand in contracts/providers, here is only what is odd."""
