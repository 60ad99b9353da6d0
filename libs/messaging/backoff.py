"""How long to wait after a failure: exponential with full jitter, the same for the same seed."""

import hashlib
from datetime import timedelta


def delay(attempt: int, *, base: timedelta, cap: timedelta, jitter_seed: str) -> timedelta:
    """The wait after the failed attempt number `attempt` (from 1), at most `cap`.

    Full jitter: anything from nothing to `base` doubled with every attempt. The seed (a row's id,
    say) spreads what failed together; a replay of the same seed waits the same.
    """
    ceiling = min(cap, base * (1 << min(max(attempt, 1) - 1, 30)))
    return ceiling * _fraction(f"{jitter_seed}/{attempt}")


def schedule(
    attempts: int, *, base: timedelta, cap: timedelta, jitter_seed: str
) -> list[timedelta]:
    """The waits after each of the first `attempts` failures."""
    return [
        delay(number, base=base, cap=cap, jitter_seed=jitter_seed)
        for number in range(1, attempts + 1)
    ]


def _fraction(seed: str) -> float:
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]) / 2**64
