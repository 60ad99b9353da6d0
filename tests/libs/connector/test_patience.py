"""A look at more pages than the limit lets through at once waits, and does not begin again."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from libs.connector.errors import RateLimited, Unavailable
from libs.connector.interface import Answer
from libs.connector.sweep import PATIENCE, Patient


class Limited:
    """Refuses what it is told to before it answers."""

    company = "company"

    def __init__(self, *refusals: Exception) -> None:
        self.refusals = list(refusals)
        self.asked: list[str] = []

    async def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        self.asked.append(path)
        if self.refusals:
            raise self.refusals.pop(0)
        return Answer(200, {}, b"{}")


async def test_a_page_is_asked_for_again_when_the_limit_allows() -> None:
    short = RateLimited("Wait.", timedelta(milliseconds=5))
    session = Limited(short, short)
    answer = await Patient(session).get("/a")
    assert (answer.status, session.asked) == (200, ["/a", "/a", "/a"])


@pytest.mark.parametrize(
    "refusal", [RateLimited("A day.", PATIENCE * 2), Unavailable("Nobody answers.")]
)
async def test_what_takes_long_is_given_up(refusal: Exception) -> None:
    session = Limited(refusal)
    with pytest.raises(type(refusal)):
        await Patient(session).get("/a")
    assert session.asked == ["/a"]
