"""The demo: the whole system on one machine, told as a story of one real day."""
