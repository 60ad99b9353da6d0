"""A small invoicing product: the other end of the sync, and the example an integrator reads."""
