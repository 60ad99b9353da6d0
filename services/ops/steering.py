"""`ledgerbridge policy`, `sync-now` and `lists`: how and when a connection is synced."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from contracts.messages import ExchangeLists, SetPolicy, SyncNow
from contracts.values import EntityType
from services.ops.arguments import ConnectionId, Json, Tenant
from services.ops.commanding import chosen, new_id, send
from services.ops.local import Folder
from services.ops.stack import FOLDER

WAYS = ("none", "push", "pull", "both")

commands = typer.Typer()


class Status(StrEnum):
    """From when documents are sent."""

    DRAFT = "draft"
    APPROVED = "approved"
    SENT = "sent"


class Winner(StrEnum):
    """Whose value stands."""

    PRODUCT = "product"
    LEDGER = "ledger"
    ASK = "ask"


class Collision(StrEnum):
    """What becomes of a number that is taken."""

    HOLD = "hold"
    LINK = "link"
    PREFIX = "prefix"


class Imports(StrEnum):
    """What becomes of documents made in the ledger."""

    IMPORT = "import"
    IGNORE = "ignore"


class PaidEdit(StrEnum):
    """What becomes of a change of a paid document that the ledger refuses."""

    HOLD = "hold"
    REAPPLY = "reapply"


class ListKind(StrEnum):
    """A list."""

    CONTACT = "contact"
    ITEM = "item"


PushFrom = Annotated[Status | None, typer.Option(help="The status from which they are sent.")]
Conflicts = Annotated[Winner | None, typer.Option(help="Who wins what both have changed.")]
Directions = Annotated[
    list[str],
    typer.Option(metavar="KIND=WAY", help="Say invoice=push; none, push (out), pull or both."),
]
Collisions = Annotated[
    Collision | None,
    typer.Option(help="A number already used in the ledger: hold, link to it, or prefix ours."),
]
Prefix = Annotated[str | None, typer.Option(help="What is put before such a number.")]
Trigger = Annotated[
    str | None, typer.Option(metavar="WHEN", help="live, daily, daily@HH:MM, or say 4h.")
]
Imported = Annotated[Imports | None, typer.Option(help="Documents that are made in the ledger.")]
PaidEdits = Annotated[
    PaidEdit | None,
    typer.Option(help="A change of what is paid, where the ledger takes none: hold, or reapply."),
]


@commands.command()
def policy(
    *,
    push_from: PushFrom = None,
    conflicts: Conflicts = None,
    direction: Directions = [],  # noqa: B006 - typer copies it
    collisions: Collisions = None,
    prefix: Prefix = None,
    trigger: Trigger = None,
    imports: Imported = None,
    paid_edits: PaidEdits = None,
    tenant: Tenant = "demo",
    connection: ConnectionId = "",
    json_output: Json = False,
    folder: Folder = FOLDER,
) -> None:
    """Choose how a connection decides; what is not named stays as it is.

    Daily is the end of the day in the company's own time zone (23:59 unless said otherwise). What
    a choice had turned away or held is looked at again.

    Example: ledgerbridge policy --conflicts ledger --direction item=push --trigger daily@23:30
    """
    changes: dict[str, Any] = {
        "push_from": push_from,
        "conflicts": conflicts,
        "directions": _directions(direction),
        "collisions": collisions,
        "prefix": prefix,
        "imports": imports,
        "paid_edits": paid_edits,
        **_trigger(trigger),
    }
    named = {name: value for name, value in changes.items() if value not in (None, {})}
    if not named:
        raise typer.BadParameter("name at least one choice: see --help")
    settings, one = chosen(folder, tenant, connection)
    order = {"id": new_id(), "tenant": tenant, "connection": one.id}
    send(settings, SetPolicy.model_validate(order | named), one, json_output=json_output)


@commands.command("sync-now")
def sync_now(
    *,
    type: Annotated[EntityType | None, typer.Option(help="Of one record.")] = None,  # noqa: A002
    id: Annotated[str | None, typer.Option(help="Of that record, in the product.")] = None,  # noqa: A002
    batch: Annotated[str | None, typer.Option(help="All of one invoice batch.")] = None,
    tenant: Tenant = "demo",
    connection: ConnectionId = "",
    json_output: Json = False,
    folder: Folder = FOLDER,
) -> None:
    """Sync one record, one invoice batch or all of a connection now, whatever its trigger.

    What is held or was refused is tried again; for a connection the ledger is swept too.

    Example: ledgerbridge sync-now --type invoice --id 536365
    """
    if (type is None) != (id is None):
        raise typer.BadParameter("--type and --id belong together")
    if type and batch:
        raise typer.BadParameter("one record or one batch, not both")
    settings, one = chosen(folder, tenant, connection)
    order = SyncNow(
        id=new_id(), tenant=tenant, connection=one.id, type=type, entity=id, batch=batch
    )
    send(settings, order, one, json_output=json_output)


@commands.command()
def lists(
    *,
    type: Annotated[  # noqa: A002
        list[ListKind], typer.Option(help="Which; both unless one is named.")
    ] = [],  # noqa: B006
    out: Annotated[bool, typer.Option(help="Send those of the product.")] = True,
    into: Annotated[bool, typer.Option(help="Take in those of the ledger.")] = True,
    tenant: Tenant = "demo",
    connection: ConnectionId = "",
    json_output: Json = False,
    folder: Folder = FOLDER,
) -> None:
    """Exchange the whole lists of customers and products, once; may be repeated.

    What is the same on both sides (tax number, e-mail, name; a product's code) is joined, what
    cannot be told apart is held with the candidates. `ledgerbridge preview` says so beforehand.

    Example: ledgerbridge lists --type contact --no-into
    """
    settings, one = chosen(folder, tenant, connection)
    kinds = tuple(kind.value for kind in type) or ("contact", "item")
    named = {"types": kinds, "out": out, "into": into}
    order = {"id": new_id(), "tenant": tenant, "connection": one.id}
    send(settings, ExchangeLists.model_validate(order | named), one, json_output=json_output)


def _directions(words: list[str]) -> dict[str, str]:
    found = {}
    for word in words:
        kind, _, way = word.partition("=")
        if kind not in list(EntityType) or way not in WAYS:
            kinds = ", ".join(EntityType)
            sentence = f"write it like invoice=push; kinds: {kinds}; ways: {', '.join(WAYS)}"
            raise typer.BadParameter(sentence, param_hint="--direction")
        found[kind] = way
    return found


def _trigger(word: str | None) -> dict[str, Any]:
    if word is None:
        return {}
    when, _, at = word.partition("@")
    if word == "live":
        return {"trigger": "live"}
    if when == "daily":
        return {"trigger": "daily"} | ({"daily_at": at} if at else {})
    if word.endswith("h") and word[:-1].isdigit() and 1 <= int(word[:-1]) <= 168:
        return {"trigger": "hours", "every_hours": int(word[:-1])}
    raise typer.BadParameter("live, daily, daily@23:30 or 4h", param_hint="--trigger")
