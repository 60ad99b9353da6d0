"""Who of ours is who of the ledger's: only what is exact and the only one."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from libs.connector.matching import Known, match, words_of
from libs.testing.builders import contact, item


def ours(entity: str, **fields: Any) -> Known:
    return Known(entity, words_of(contact(entity, **{"name": entity, "email": "", **fields})))


def test_what_is_spelled_otherwise_is_the_same() -> None:
    one = words_of(contact("c1", name=" Harbour  JOINERY", email="A@B.example", tax_number="GB 1"))
    two = words_of(contact("c2", name="harbour joinery", email="a@b.example ", tax_number="gb1"))
    assert one == two


def test_by_tax_number_by_mail_by_name() -> None:
    here = [
        ours("1", tax_number="GB1"),
        ours("2", email="two@x.example"),
        ours("3", name="Three"),
        ours("4"),
    ]
    there = [
        ours("a", tax_number="gb 1"),
        ours("b", email="TWO@x.example"),
        ours("c", name="three"),
        ours("d"),
    ]
    found = match(here, there)
    assert found.pairs == {"1": "a", "2": "b", "3": "c"}
    assert (found.new, found.only_there) == (["4"], ["d"])


def test_two_of_theirs_are_unclear_unless_one_has_more_in_common() -> None:
    there = [ours("a", email="x@x.example"), ours("b", email="x@x.example")]
    found = match([ours("1", email="x@x.example")], there)
    assert [known.id for known in found.unclear["1"]] == ["a", "b"]
    assert found.only_there == []
    found = match(
        [ours("1", name="B", email="x@x.example")], [*there[:1], ours("B", email="x@x.example")]
    )
    assert found.pairs == {"1": "B"}


def test_two_of_ours_are_unclear() -> None:
    found = match([ours("1", name="Smith"), ours("2", name="Smith")], [ours("a", name="Smith")])
    assert found.pairs == {}
    assert set(found.unclear) == {"1", "2"}


def test_one_name_with_two_tax_numbers_is_unclear() -> None:
    there = [ours("a", name="Smith", tax_number="GB2")]
    found = match([ours("1", name="Smith", tax_number="GB1")], there)
    assert set(found.unclear) == {"1"}


def test_products_go_by_their_code_and_by_name_only_without_one() -> None:
    here = [Known("1", words_of(item("1", code="A1", name="Hinge")))]
    assert match(here, [Known("a", {"code": "a1", "name": "other"})]).pairs == {"1": "a"}
    assert match(here, [Known("b", {"code": "b1", "name": "hinge"})]).new == ["1"]
    assert match(here, [Known("c", {"name": "hinge"})]).pairs == {"1": "c"}


NAMES = st.sampled_from(["n1", "n2", "n3"])
SOME = st.lists(
    st.fixed_dictionaries({}, optional={"name": NAMES, "email": NAMES, "tax_number": NAMES}),
    max_size=6,
)


@given(SOME, SOME)
def test_each_of_ours_has_one_fate_and_nobody_there_is_bound_twice(
    here: list[dict[str, str]], there: list[dict[str, str]]
) -> None:
    mine = [Known(f"o{n}", words) for n, words in enumerate(here)]
    found = match(mine, [Known(f"t{n}", words) for n, words in enumerate(there)])
    fates = [*found.pairs, *found.unclear, *found.new]
    assert sorted(fates) == sorted(one.id for one in mine)
    assert len(set(found.pairs.values())) == len(found.pairs)
    bound = set(found.pairs.values())
    assert not bound & {known.id for some in found.unclear.values() for known in some}
