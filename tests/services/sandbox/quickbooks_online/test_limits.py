"""The numbers of the limits, on a clock that stands still: dossier sections 1 and 3."""

from services.sandbox.clock import Clock
from services.sandbox.providers.quickbooks_online.limits import METERED_A_MONTH, Limits


class Still(Clock):
    """Moves only when it is moved."""

    def seconds(self) -> float:
        return 1_770_000_000 + self._offset


def taken(limits: Limits, count: int, app: str = "app", company: str = "1", **kind: bool) -> int:
    """How many of so many calls are let through."""
    wanted = {"batch": False, "metered": False} | kind
    return sum(not limits.throttled(app, company, **wanted) for _ in range(count))


def test_ten_a_second() -> None:
    """10 requests a second per realm and app; another app, another realm are not touched."""
    clock = Still()
    limits = Limits(clock, enforced=True)
    assert taken(limits, 20) == 10
    assert taken(limits, 20, app="other") == 10
    assert taken(limits, 20, company="2") == 10
    clock.advance(1)
    assert taken(limits, 20) == 10


def test_five_hundred_a_minute() -> None:
    """500 a minute per realm, over all apps."""
    clock = Still()
    limits = Limits(clock, enforced=True)
    assert sum(taken(limits, 10, app=str(at)) for at in range(60)) == 500
    clock.advance(59)
    assert taken(limits, 1) == 0
    clock.advance(1)
    assert taken(limits, 1) == 1


def test_batches() -> None:
    """40 a minute per realm and app, 120 a minute per realm."""
    clock = Still()
    limits = Limits(clock, enforced=True)
    counts = dict.fromkeys("abcd", 0)
    for app in counts:
        for _ in range(5):
            counts[app] += taken(limits, 10, app=app, batch=True)
            clock.advance(1)
    assert counts == {"a": 40, "b": 40, "c": 40, "d": 0}
    assert taken(limits, 1, app="d") == 1


def test_metered_month() -> None:
    """500,000 CorePlus calls a month per app; writes are free."""
    clock = Still()
    limits = Limits(clock, enforced=True)
    limits.metered["app", clock.now().strftime("%Y-%m")] = METERED_A_MONTH - 1
    assert taken(limits, 3, metered=True) == 1
    assert taken(limits, 3) == 3
    clock.advance(32 * 86_400)
    assert taken(limits, 1, metered=True) == 1


def test_off() -> None:
    """`limits=False`: nothing is refused."""
    assert taken(Limits(Still(), enforced=False), 2000, batch=True) == 2000
