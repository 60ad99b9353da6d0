"""`make real`: a real year of documents into each ledger, and again while calls fail."""
