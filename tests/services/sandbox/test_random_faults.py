"""A random fault strikes its share of the calls, the same ones for the same seed."""

from collections import Counter

import pytest

from services.sandbox.faults import CALLS, PICKED, TOKENS, Faults

SHARE, MANY = 0.1, 5000


def struck(seed: int, **more: object) -> list[str]:
    """What each of many calls meets; empty: nothing."""
    faults = Faults()
    faults.arm({"fault": "random", "rate": SHARE, "seed": seed, **more})
    taken = (faults.take(CALLS, "POST", "/Invoices") for _ in range(MANY))
    return [fault.fault if fault else "" for fault in taken]


def test_a_share_of_the_calls_is_struck_by_each_kind() -> None:
    found = Counter(struck(1))
    assert found.keys() == {"", *PICKED}
    assert 0.8 * SHARE < 1 - found[""] / MANY < 1.2 * SHARE


def test_the_seed_decides_which() -> None:
    assert struck(1) == struck(1)
    assert struck(1) != struck(2)


def test_it_strikes_only_what_it_is_armed_for() -> None:
    assert set(struck(1, path="/Payments")) == {""}
    assert set(struck(1, method="GET")) == {""}


def test_it_leaves_tokens_alone_and_ends_when_it_is_disarmed() -> None:
    faults = Faults()
    faults.arm({"fault": "random", "rate": 1})
    assert faults.take(TOKENS) is None
    assert faults.take(CALLS) is not None
    faults.disarm()
    assert faults.take(CALLS) is None


def test_what_is_armed_before_it_strikes_first() -> None:
    faults = Faults()
    faults.arm({"fault": "hang"})
    faults.arm({"fault": "random", "rate": 1})
    first, second = faults.take(CALLS), faults.take(CALLS)
    assert first is not None
    assert second is not None
    assert first.fault == "hang"
    assert second.fault in PICKED


@pytest.mark.parametrize("rate", [-0.1, 1.5])
def test_a_rate_is_a_share(rate: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Faults().arm({"fault": "random", "rate": rate})
