"""The people: a product's user and a ledger's bookkeeper, each editing what stands before them."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

from libs.connector.flat import State
from libs.connector.threeway import lies_in, plus
from tests.libs.connector.merge_judge import Edit, Judge
from tests.libs.connector.merge_lane import Connector
from tests.libs.connector.merge_sides import (
    Book,
    leaf,
    line_path,
    lines_in,
    show,
    tokens,
)

COLOR, SITE = "attributes.color", "attributes.site"


class Editors(Judge):
    rng: random.Random

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def say(self, text: str) -> None:
        raise NotImplementedError

    def value(self, path: str) -> Any:
        self.count += 1
        n, name = self.count, leaf(path)
        if name == "price":
            return n + Decimal(self.rng.choice(["0", "0.5", "0.125", "0.004"]))
        if name == "memo":
            return f"{n} note that is long"[: self.rng.choice([8, 22])]
        return {"reference": f"r{n}x", "color": f"c{n}", "site": f"s{n}"}.get(name, n)

    def kinds(self, state: State, new_line: str, lines: list[str]) -> list[str]:
        kinds = ["set"] * 6 + ["add"] * bool(new_line) + ["remove"] * bool(lines)
        kinds += ["unset"] * (COLOR in state and bool(new_line))
        return kinds + ["void"] * (self.rng.random() < 0.2)

    def scribble(self, who: str, at: str, state: State, paths: list[str], new_line: str) -> State:
        """One user's edit of what stands before him."""
        lines = lines_in(dict.fromkeys(paths))
        kind = self.rng.choice(self.kinds(state, new_line, lines))
        gone: list[str] = []
        chosen: list[str] = []
        if kind == "remove":
            line = f"lines.{self.rng.choice(lines)}"
            gone = [path for path in state if lies_in(path, [line])]
        elif kind == "unset":
            gone, kind = [COLOR], "remove"
        elif kind == "add":
            chosen = [line_path(new_line, "price"), line_path(new_line, "qty")]
        elif kind == "set":
            chosen = [self.rng.choice(paths)]
        changes: State = {"status": "void"} if kind == "void" else dict.fromkeys(gone)
        changes |= {path: self.value(path) for path in chosen}
        saw = tokens({path: state.get(path) for path in [*gone, *chosen]})
        self.edits.append(Edit(who, kind, tokens(changes), saw, at))
        self.say(f"{who:9} edits {at}: {show(changes)}")
        return changes

    def fresh(self, who: str, at: str, line: str) -> State:
        paths = [
            "memo",
            "reference",
            "due",
            COLOR,
            line_path(line, "price"),
            line_path(line, "qty"),
        ]
        state: State = {"status": "open"} | {path: self.value(path) for path in paths}
        self.edits.append(Edit(who, "create", tokens(state), set(), at))
        self.say(f"{who:9} creates {at}: {show(state)}")
        return state

    def user(self) -> None:
        product = self.product
        books = {rid: book for rid, book in product.books.items() if book.state}
        if not books or (len(product.books) < 3 and self.rng.random() < 0.1):
            rid = f"p{len(product.books) + 1}"
            product.books[rid] = Book(self.fresh("user", rid, f"p.{self.count}"))
        else:
            rid = self.rng.choice(sorted(books))
            self.user_edits(rid, books[rid])
        product.publish(rid)

    def user_edits(self, rid: str, book: Book) -> None:
        if self.rng.random() < 0.04:
            self.edits.append(Edit("user", "delete", set(), tokens(book.state), rid))
            self.say(f"user      deletes {rid}")
            book.state = {}
        else:
            paths = sorted({*book.state, COLOR, SITE} - {"status"})
            changes = self.scribble("user", rid, book.state, paths, f"p.{self.count}")
            book.state = plus(book.state, changes)

    def bookkeeper(self) -> None:
        c = self.rng.choice(list(self.connectors.values()))
        ledger, who = c.ledger, f"ledger {c.name}"
        if len(ledger.records) < 3 and self.rng.random() < 0.08:
            line = ledger.new_id()
            state = self.fresh(who, f"{c.name}{ledger.ids + 1}", line)
            self.say(f"{who}  new record {ledger.create(None, state)}")
        elif ledger.records:
            self.bookkeeper_edits(c, self.rng.choice(sorted(ledger.records)))

    def bookkeeper_edits(self, c: Connector, ext: str) -> None:
        ledger, who = c.ledger, f"ledger {c.name}"
        state = {k: v for k, v in ledger.records[ext].state.items() if k != "total"}
        lane = c.lanes.get(c.parts.get(ext) or ledger.records[ext].marker or "")
        call = lane.call if lane else None
        paths = sorted({*state, COLOR} - {"status"})
        racing = False
        if call and not call.sent and not ledger.versions:
            # the admitted race of a provider without a version: one round trip, the same field
            free = {"memo", "reference", "due"} - call.plan.delta.keys()
            paths, racing = sorted(free if call.plan.kind == "update" else []), True
        # admitted: deleted before the answer to its create was known
        keep = racing or (call is not None and call.plan.kind == "create")
        if not keep and self.rng.random() < 0.05:
            self.edits.append(Edit(who, "delete", set(), tokens(state), ext))
            self.say(f"{who}  deletes {ext}")
            ledger.remove(ext)
        elif paths:
            new_line = "" if keep else ledger.new_id()
            ledger.store(ext, self.scribble(who, ext, state, paths, new_line))
