from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from libs.messaging.backoff import delay, schedule

BASE, CAP = timedelta(seconds=1), timedelta(minutes=5)


@given(st.integers(min_value=1, max_value=100_000), st.text())
def test_a_wait_is_never_above_its_ceiling_and_the_same_each_time(attempt: int, seed: str) -> None:
    wait = delay(attempt, base=BASE, cap=CAP, jitter_seed=seed)
    assert timedelta(0) <= wait <= min(CAP, BASE * 2 ** min(attempt - 1, 20))
    assert wait == delay(attempt, base=BASE, cap=CAP, jitter_seed=seed)


def test_seeds_spread_what_failed_together() -> None:
    waits = [delay(9, base=BASE, cap=CAP, jitter_seed=str(row)) for row in range(1000)]
    quarters = [sum(CAP * i / 4 <= wait < CAP * (i + 1) / 4 for wait in waits) for i in range(4)]
    # 2**8 seconds are below the cap, so the last quarter is thinner.
    assert all(count > 100 for count in quarters)


def test_the_schedule_lists_the_waits_of_all_attempts() -> None:
    waits = schedule(4, base=BASE, cap=CAP, jitter_seed="row")
    assert waits == [delay(n, base=BASE, cap=CAP, jitter_seed="row") for n in (1, 2, 3, 4)]
