"""The feature matrix, executed: every cell drives product and ledger and compares both sides."""

import pytest

# The desk's assertions say what differs, as a test's own do.
pytest.register_assert_rewrite("tests.matrix.desk")
