"""`make bench`: speed and memory of the whole system, each figure beside its goal."""
