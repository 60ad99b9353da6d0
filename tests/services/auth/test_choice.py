"""Which company a consent connects."""

import pytest

from services.auth.answers import Company
from services.auth.choice import Ask, Decision, Held, Holder, Missing, Take, chosen, decide

A, B, C = (Company(letter, f"{letter} Ltd") for letter in "abc")
OURS = Holder("1", "t1", "open")
BROKEN = Holder("1", "t1", "broken")
THEIRS = Holder("2", "t2", "open")
THEIRS_BROKEN = Holder("2", "t2", "broken")


@pytest.mark.parametrize(
    ("listed", "holders", "wanted", "decision"),
    [
        ([A], {}, None, Take(A)),
        ([A, B], {}, None, Ask([A, B])),
        ([], {}, None, Held([])),
        ([A, B], {"a": OURS}, None, Take(B)),
        ([A, B], {"a": THEIRS}, None, Take(B)),
        ([A, B], {"a": THEIRS_BROKEN}, None, Take(B)),
        ([A], {"a": THEIRS}, None, Held([A])),
        ([A], {"a": OURS}, None, Take(A)),
        ([A, B], {"a": OURS, "b": Holder("3", "t1", "open")}, None, Ask([A, B])),
        ([A, B], {"a": BROKEN}, None, Ask([A, B])),
        ([A, B], {"a": BROKEN, "b": THEIRS}, None, Take(A)),
        ([A, B, C], {"a": THEIRS}, None, Ask([B, C])),
        ([A, B], {}, "b", Take(B)),
        ([A, B], {"a": OURS}, "a", Take(A)),
        ([B, C], {"a": BROKEN}, "a", Missing("a")),
        ([], {}, "a", Missing("a")),
        ([A, B], {"a": THEIRS}, "a", Held([A])),
    ],
)
def test_decide(
    listed: list[Company], holders: dict[str, Holder], wanted: str | None, decision: Decision
) -> None:
    assert decide(listed, holders, tenant="t1", wanted=wanted) == decision


def test_only_what_this_consent_allowed_is_chosen() -> None:
    earlier = Company("d", "d Ltd", allowed=False)
    assert chosen([earlier, A]) == [A]
    assert chosen([earlier]) == [earlier]
    assert chosen([]) == []
