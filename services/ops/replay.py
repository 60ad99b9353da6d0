"""`ledgerbridge replay`: publish a range of a topic again."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from contracts.topics import INVOICING_EVENTS
from libs.messaging.logs import LogReader
from libs.messaging.publisher import Publisher
from libs.messaging.topics import Names
from libs.service.settings import ServiceSettings
from services.ops.arguments import Json, moment, print_json
from services.ops.local import Folder, operator_settings
from services.ops.replaying import Range, Replayed, Told, can_be_replayed
from services.ops.replaying import replay as publish_again
from services.ops.stack import FOLDER

HELP = """Publish a range of a topic again, so that connectors look at every record anew.

Key, headers and value are kept as they came, and a header ce_replayed is added. Repeats are
harmless: a connector drops revisions it has, and takes up again what was rejected.

TOPIC is invoicing.events.v1, accounting.webhooks.<provider>.v1, or accounting.dead-letters.v1: of
dead letters it is the record each is about that is published again, to its own topic.

Example: ledgerbridge replay --from 2026-01-31T08:00:00Z --to 2026-01-31T09:00:00Z --dry-run
"""

commands = typer.Typer()

Topic = Annotated[str, typer.Option(help="Without the installation's prefix.")]
From = Annotated[str, typer.Option("--from", metavar="TIME", help="The first moment.")]
To = Annotated[
    str | None, typer.Option("--to", metavar="TIME", help="The end, exclusive. Default: now.")
]
OfTenant = Annotated[str, typer.Option("--tenant", help="Only this one's; all by default.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Count only.")]


@commands.command(help=HELP)
def replay(
    *,
    since: From,
    until: To = None,
    topic: Topic = INVOICING_EVENTS.name,
    tenant: OfTenant = "",
    dry_run: DryRun = False,
    json_output: Json = False,
    folder: Folder = FOLDER,
) -> None:
    """Publish a range again."""
    if not can_be_replayed(topic):
        raise typer.BadParameter("nothing reads that topic as its input", param_hint="--topic")
    now = datetime.now(UTC)
    end = moment(until, "--to") if until else now
    wanted = Range(topic, moment(since, "--from"), end, tenant)
    with Progress(console=Console(stderr=True), disable=json_output, transient=True) as progress:
        task = progress.add_task("Reading", total=None)

        def told(read: int, total: int) -> None:
            progress.update(task, completed=read, total=total)

        settings = operator_settings(folder)
        try:
            counted = asyncio.run(_replay(settings, wanted, now, told, dry_run=dry_run))
        except LookupError as error:
            raise typer.BadParameter(str(error), param_hint="--topic") from None
    if json_output:
        print_json({**asdict(counted), "dry_run": dry_run})
    else:
        Console().print(_sentence(counted, dry_run=dry_run))


async def _replay(
    settings: ServiceSettings, wanted: Range, at: datetime, told: Told, *, dry_run: bool
) -> Replayed:
    names = Names(settings.topic_prefix)
    reader = LogReader(settings.kafka_url, names)
    if dry_run:
        return await publish_again(reader, None, wanted, at, told)
    async with Publisher(settings.kafka_url, names) as publisher:
        return await publish_again(reader, publisher, wanted, at, told)


def _sentence(counted: Replayed, *, dry_run: bool) -> str:
    done = "would be published" if dry_run else "published"
    topics = ", ".join(f"{n:,} to {topic}" for topic, n in counted.topics.items()) or "nothing"
    gone = f"; {counted.missing:,} originals are no longer in the log" if counted.missing else ""
    return f"{counted.read:,} records read, {topics} {done} again{gone}."
