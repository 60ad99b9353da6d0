"""The kernel every connector runs on."""
