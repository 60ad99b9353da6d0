"""Rows 5 and 6: the lists of customers and products, out and in at setup.

By default a few hundred of each; with FULL=1 as many as a real wholesaler has.
"""

import os
from decimal import Decimal

from contracts.entities import Contact, Item
from contracts.features import Feature
from contracts.messages import ExchangeLists, Link
from contracts.values import EntityType
from libs.testing.builders import contact, item
from tests.flows import acts
from tests.flows.world import PATIENCE
from tests.matrix.cells import row
from tests.matrix.conftest import connect
from tests.matrix.desk import Desk

FULL = os.environ.get("FULL") == "1"
CUSTOMERS, PRODUCTS = (4_372, 4_070) if FULL else (240, 240)
LONG = 1_800 if FULL else PATIENCE
ALREADY = 20
"""So many of ours are in the ledger before it is connected."""

GIVEN = ("Ada", "Bo", "Clara", "Dougal", "Edith", "Fergus", "Greta", "Hamish", "Iona", "Jo")
FAMILY = ("Aird", "Baxter", "Cairns", "Drummond", "Elliot", "Farquhar", "Geddes", "Hay", "Innes")
TRADES = ("Joinery", "Gifts", "Motors", "Catering", "Interiors", "Marine", "Print")
GOODS = ("CAKE STAND", "T-LIGHT HOLDER", "LUNCH BAG", "PARTY BUNTING", "JUMBO BAG", "BREAD BIN")
COLOURS = ("WHITE", "RED RETROSPOT", "PINK", "IVORY", "BLACK", "SMALL", "VINTAGE")


def who(number: int, *, where: str = "here") -> tuple[str, str]:
    """Name and e-mail address, which one of three has not."""
    parts = (pool[number % len(pool)] for pool in (GIVEN, FAMILY, TRADES))
    name = f"{' '.join(parts)} {number:04d} {where}"
    return name, f"{number}@{where}.example" if number % 3 else ""


def what(number: int, *, where: str = "H") -> tuple[str, str, Decimal]:
    """Code, name, which many share, and price."""
    name = f"{COLOURS[number % len(COLOURS)]} {GOODS[number % len(GOODS)]}"
    return f"{20_000 + number}{where}", name, Decimal(number % 97 + 1) / 4


def customer(number: int) -> Contact:
    name, email = who(number)
    return contact(f"c{number}", name=name, email=email, addresses=())


def product(number: int) -> Item:
    code, name, price = what(number)
    return item(f"p{number}", code=code, name=name, description="", unit_price=price)


async def saved(desk: Desk, entities: list[Contact] | list[Item]) -> None:
    """The product's user imports a file: all is published in one go."""
    lines = "".join(f"{one.model_dump_json()}\n" for one in entities)
    url = f"{desk.world.stack.url('reference_product')}/imports"
    answer = await desk.world.http.post(
        url, params={"tenant": desk.world.tenant}, content=lines, timeout=LONG
    )
    assert answer.status_code == 201, answer.text


async def exchange(desk: Desk, kind: str) -> None:
    """`ledgerbridge lists`."""
    order = {**acts.order(desk.world), "types": (kind,)}
    await desk.world.command(ExchangeLists.model_validate(order))


async def grown(desk: Desk, kind: str, count: int) -> int:
    """Wait until the ledger has so many; how many there are."""

    async def look() -> int:
        found = await desk.ledger.many(kind)
        return found if found >= count else 0

    return int(await desk.world.until(look, f"{count} {kind}s in the ledger", LONG))


async def at_rest(desk: Desk) -> None:
    """Nothing of the lists is under way any more."""

    async def look() -> bool:
        found = (await desk.world.status())["connections"]
        return bool(found) and not any(one["waiting"] for one in found)

    await desk.world.until(look, "the lists to be exchanged", LONG)
    await acts.caught_up(desk.world)


async def killed_halfway(desk: Desk, kind: str, before: int, count: int) -> None:
    """SIGKILL while the list is on its way; then the connector begins again."""
    there = await grown(desk, kind, before + count // 4)
    await desk.world.kill_connector()
    assert there < before + count, "the list was out before anybody could interrupt it"
    await desk.world.start_connector()
    await grown(desk, kind, before + count)
    await at_rest(desk)


@row(Feature.CUSTOMER_LIST)
async def test_all_customers_go_out_and_come_in_once_whatever_happens(unconnected: Desk) -> None:
    """Some are on both sides; the connector dies on the way; all is said twice."""
    desk = unconnected
    await saved(desk, [customer(n) for n in range(CUSTOMERS)])
    known = [who(n) for n in range(ALREADY)]
    theirs = [who(n, where="there") for n in range(CUSTOMERS - ALREADY)]
    await desk.ledger.add_customers([*known, *theirs])
    before = await desk.ledger.many("contact")
    await connect(desk)
    await exchange(desk, "contact")
    await killed_halfway(desk, "contact", before, CUSTOMERS - ALREADY)
    await exchange(desk, "contact")
    await at_rest(desk)
    books = await desk.proven()
    assert await desk.ledger.many("contact") == before + CUSTOMERS - ALREADY
    assert set(books.contacts) == {
        name for name, _ in [*map(who, range(CUSTOMERS)), *known, *theirs]
    }


@row(Feature.PRODUCT_LIST)
async def test_all_products_go_out_and_come_in_once_whatever_happens(unconnected: Desk) -> None:
    """As the customers; each is known by its code."""
    desk = unconnected
    await saved(desk, [product(n) for n in range(PRODUCTS)])
    known = [what(n) for n in range(ALREADY)]
    theirs = [what(n, where="T") for n in range(PRODUCTS - ALREADY)]
    await desk.ledger.add_items([*known, *theirs])
    before = await desk.ledger.many("item")
    await connect(desk)
    await exchange(desk, "item")
    await killed_halfway(desk, "item", before, PRODUCTS - ALREADY)
    await exchange(desk, "item")
    await at_rest(desk)
    books = await desk.proven()
    assert await desk.ledger.many("item") == before + PRODUCTS - ALREADY
    wanted = {code for code, *_ in [*map(what, range(PRODUCTS)), *known, *theirs]}
    assert wanted <= set(books.items)


@row(Feature.CUSTOMER_LIST)
async def test_who_cannot_be_told_apart_is_asked_about(unconnected: Desk) -> None:
    """Two there share the e-mail address of one of ours: both are named, and a person's word
    joins one of them. The other one is somebody else."""
    desk, mail = unconnected, "two@brothers.example"
    await saved(desk, [contact("c1", name="Brothers", email=mail), contact("c2", email="")])
    await desk.ledger.add_customers([("Two Brothers North", mail), ("Two Brothers South", mail)])
    await connect(desk)
    await acts.policy(desk.world, conflicts="product")
    await exchange(desk, "contact")
    lane = await desk.held("contact", "c1")
    await acts.caught_up(desk.world)
    assert lane["hold"] == "ambiguous"
    for name in ("two brothers north", "two brothers south"):
        assert name in lane["hold_sentence"]
    assert "ledgerbridge link contact c1" in lane["hold_action"]
    assert set((await desk.ledger.books()).contacts) == {
        "Two Brothers North",
        "Two Brothers South",
        "Harbour Joinery c2",
    }
    external = candidate(lane["hold_sentence"], "two brothers south")
    await link(desk, "contact", "c1", external)
    await desk.world.settled("contact", "c1")
    await exchange(desk, "contact")
    books = await desk.proven()
    assert set(books.contacts) == {"Brothers", "Two Brothers North", "Harbour Joinery c2"}


@row(Feature.PRODUCT_LIST)
async def test_products_that_cannot_be_told_apart_are_asked_about(unconnected: Desk) -> None:
    """Two codes of ours differ in a capital only, and the ledger has one of them: none is bound by
    itself. A person says which it is; the other one is given up."""
    desk = unconnected
    twins = [product(1), item("p2", code=what(1)[0].lower(), name="Twin", description="")]
    await saved(desk, twins)
    await desk.ledger.add_items([what(1)])
    before = await desk.ledger.many("item")
    await connect(desk)
    await exchange(desk, "item")
    lanes = [await desk.held("item", entity) for entity in ("p1", "p2")]
    assert [lane["hold"] for lane in lanes] == ["ambiguous", "ambiguous"]
    assert await desk.ledger.many("item") == before
    url = f"{desk.world.stack.url('reference_product')}/entities/item/p2"
    answer = await desk.world.http.delete(url, params={"tenant": desk.world.tenant})
    assert answer.status_code == 204
    await link(desk, "item", "p1", candidate(lanes[0]["hold_sentence"], what(1)[0].lower()))
    await desk.world.settled("item", "p1")
    await desk.proven()
    assert await desk.ledger.many("item") == before


async def link(desk: Desk, kind: str, entity: str, external: str) -> None:
    """A person's word: it is that one."""
    order = {**acts.order(desk.world), "type": EntityType(kind), "entity": entity}
    await desk.world.command(Link.model_validate({**order, "external": external}))


def candidate(sentence: str, word: str) -> str:
    """The id of the one that the sentence describes so: `<id> (<words>)`."""
    listed = sentence.partition("which: ")[2].rstrip(".").split("; ")
    [one] = [said for said in listed if word in said]
    return one.partition(" (")[0]
