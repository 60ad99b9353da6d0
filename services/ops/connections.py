"""`ledgerbridge connect`, `disconnect` and `status`."""

import time
import webbrowser
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from contracts.messages import Connection, Scope
from contracts.provider import provider_ids
from libs.devstack.process import DevstackError
from libs.service.links import ConnectLink
from services.ops.arguments import ConnectionId, Json, Tenant, moment, print_json
from services.ops.local import Folder, OperatorSettings, operator_settings
from services.ops.remote import Auth, connector_status, only
from services.ops.stack import FOLDER
from services.ops.starting import begin_from
from services.ops.visiting import approved_at_once, visit

LOOK_EVERY = 0.5
SHOWN = 20
CONNECT_HELP = """Connect a tenant's company at PROVIDER, and wait until the connection is open.

Prints the link for a person's browser; --browser opens it here, --auto follows it without a person
(a sandbox only; the first company is taken unless --company names one).

Example: ledgerbridge connect xero --tenant demo --auto

Example: ledgerbridge connect xero --tenant demo --location north --from 2026-01-01 --browser

--from shows what an earlier start would bring, and asks before anything of that time is written;
--starts-at begins there without asking. Exit status: 0, or 3 where the earlier start was declined.
"""
STATUS_HELP = """Show a tenant's connections: what is in the ledger, what waits, what is held, why.

Example: ledgerbridge status --tenant demo
"""

commands = typer.Typer()

Provider = Annotated[str, typer.Argument(help="Say xero.")]
StartsAt = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Documents made before it are not created. Default: now."),
]
Locations = Annotated[
    list[str], typer.Option("--location", help="Only documents of it; may be said several times.")
]
Currencies = Annotated[
    list[str], typer.Option("--currency", help="Only documents in it; may be said several times.")
]
Company = Annotated[str | None, typer.Option(help="The provider's id of the only one to take.")]
Reconnect = Annotated[
    str | None, typer.Option("--reconnect", metavar="ID", help="A connection to connect again.")
]
Browser = Annotated[
    bool, typer.Option("--browser", help="Open the link in this machine's browser.")
]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="An earlier start, after a preview."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Agree to what the preview shows.")]
Auto = Annotated[bool, typer.Option("--auto", help="Let a sandbox approve at once.")]
Patience = Annotated[float, typer.Option(help="Seconds to wait for the connection.")]


@commands.command(help=CONNECT_HELP)
def connect(
    provider: Provider,
    *,
    tenant: Tenant = "demo",
    starts_at: StartsAt = None,
    earlier: From = None,
    yes: Yes = False,
    location: Locations = [],  # noqa: B006 - typer copies it
    currency: Currencies = [],  # noqa: B006
    company: Company = None,
    reconnect: Reconnect = None,
    browser: Browser = False,
    auto: Auto = False,
    wait: Patience = 300,
    json_output: Json = False,
    folder: Folder = FOLDER,
) -> None:
    """Connect a company."""
    if provider not in provider_ids():
        raise typer.BadParameter(f"known are {', '.join(provider_ids())}", param_hint="PROVIDER")
    link = ConnectLink(
        tenant=tenant,
        starts_at=moment(starts_at, "--starts-at") if starts_at else None,
        scope=_scope(location, currency),
        company=company,
        connection=reconnect,
    )
    begin = _earlier(earlier, starts_at)
    settings = operator_settings(folder)
    auth = Auth(settings)
    before = auth.connections(tenant)
    wanted = company or next((one.company for one in before if one.id == reconnect), "")
    url = auth.link(provider, link, auto=auto and approved_at_once(provider, wanted))
    _go(url, wanted, browser=browser, auto=auto)
    opened = wait_open(auth, link, provider, before, wait)
    start = opened.starts_at.astimezone(UTC).isoformat(timespec="seconds")
    sentence = f"{opened.company_name} is connected ({opened.id}), from {start} on."
    print_json(opened.model_dump(mode="json")) if json_output else Console().print(sentence)
    if begin:
        begin_from(settings, opened, begin, yes=yes, wait=wait, json_output=json_output)


def _scope(locations: list[str], currencies: list[str]) -> Scope | None:
    if not (locations or currencies):
        return None
    return Scope(locations=tuple(locations), currencies=tuple(currencies))


@commands.command()
def disconnect(
    *,
    tenant: Tenant = "demo",
    connection: ConnectionId = "",
    json_output: Json = False,
    folder: Folder = FOLDER,
) -> None:
    """Close a connection: nothing is sent there any more. What is there stays.

    Example: ledgerbridge disconnect --tenant demo
    """
    auth = Auth(operator_settings(folder))
    chosen = only(auth.connections(tenant), connection, tenant)
    ended = auth.disconnect(chosen.id)
    if json_output:
        print_json(ended)
    else:
        Console().print(f"{chosen.company_name} is disconnected.")


@commands.command(help=STATUS_HELP)
def status(*, tenant: Tenant = "demo", json_output: Json = False, folder: Folder = FOLDER) -> None:
    """Show connections."""
    settings = operator_settings(folder)
    found = [
        {**one.model_dump(mode="json"), "sync": _sync(settings, one)}
        for one in Auth(settings).connections(tenant)
    ]
    if json_output:
        print_json({"tenant": tenant, "connections": found})
    else:
        _show(tenant, found)


def _earlier(earlier: str | None, starts_at: str | None) -> datetime | None:
    if earlier and starts_at:
        raise typer.BadParameter("--from or --starts-at, not both")
    return moment(earlier, "--from") if earlier else None


def wait_open(
    auth: Auth, link: ConnectLink, provider: str, before: list[Connection], seconds: float
) -> Connection:
    """The connection that has opened since `before`; raises DevstackError after `seconds`."""
    versions = {one.id: one.version for one in before}
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        for one in auth.connections(link.tenant):
            is_new = versions.get(one.id) != one.version
            if is_new and one.state == "open" and one.provider == provider:
                return one
        time.sleep(LOOK_EVERY)
    raise DevstackError(f"Nobody has connected {provider} within {seconds:.0f} s.")


def _go(url: str, company: str, *, browser: bool, auto: bool) -> None:
    if auto:
        visit(url, company)
        return
    Console(stderr=True).print(f"Open this link within 15 minutes:\n{url}", soft_wrap=True)
    if browser:
        webbrowser.open(url)


def _sync(settings: OperatorSettings, connection: Connection) -> dict[str, Any]:
    """The connector's view; where it cannot be asked, `unknown` says why."""
    try:
        listed = connector_status(settings, connection.provider, connection.tenant)
    except DevstackError as error:
        return {"unknown": str(error)}
    mine = (one for one in listed if one["id"] == connection.id)
    return next(mine, {"unknown": "The connector has not heard of it yet."})


def _show(tenant: str, found: list[dict[str, Any]]) -> None:
    console = Console()
    if not found:
        console.print(f"{tenant} has no connection.")
        return
    columns = ("connection", "provider", "company", "state", "in the ledger", "waiting", "held")
    table = Table(*columns)
    table.columns[0].no_wrap = True
    for one in found:
        sync = one["sync"]
        counts = (
            sync.get("lanes", {}).get("bound"),
            sync.get("waiting"),
            len(sync.get("held", ())),
        )
        shown = ["?"] * 3 if "unknown" in sync else [str(count) for count in counts]
        named = (one["id"], one["provider"], one["company_name"], one["state"])
        table.add_row(*named, *shown)
    console.print(table)
    for one in found:
        for line in _lines(one):
            console.print(line, markup=False, highlight=False, soft_wrap=True)


def _lines(one: dict[str, Any]) -> list[str]:
    sync = one["sync"]
    warned = [f"{one['company_name']}: {one['reason']}"] if one.get("reason") else []
    if unknown := sync.get("unknown"):
        return [*warned, f"{one['company_name']}: {unknown}"]
    lines = [*warned, *grouped(sync.get("held", []))]
    more = len(lines) - SHOWN
    quota = sync.get("quota_left") or {}
    left = [f"quota left: {', '.join(f'{k} {v}' for k, v in quota.items())}"] if quota else []
    return [*lines[:SHOWN], *([f"... and {more} more reasons"] if more > 0 else []), *left]


def grouped(held: list[dict[str, Any]]) -> list[str]:
    """What is held for one reason in one line: one act mends it all."""
    groups: dict[str, list[str]] = {}
    for one in held:
        reason = f"{one['sentence']} {one['action']}".rstrip()
        groups.setdefault(reason, []).append(f"{one['type']} {one['id']}")
    return [
        f"{names[0]}{f' and {len(names) - 1} more' if names[1:] else ''}: {reason}"
        for reason, names in groups.items()
    ]
