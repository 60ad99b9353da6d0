"""What a lost create is searched by, and how it is known again."""

from datetime import datetime

from libs.connector.calls import Call
from libs.connector.deliver import Job
from libs.connector.flat import State
from libs.connector.interface import Wanted
from libs.connector.outcome import Open


def wanted_of(job: Job, since: datetime) -> Wanted:
    """What a lost create is searched by."""
    lane = job.lane
    number, entity = number_of(job), job.write.entity
    return Wanted(lane.type, lane.id, lane.marker, number, since, entity, lane.record, lane.sides)


def number_of(job: Job) -> str:
    """The number or code we gave the record, "" where the ledger numbers it."""
    entity = job.write.entity
    return str(getattr(entity, "number", "") or getattr(entity, "code", ""))


def open_call(call: Call) -> Open:
    return Open(call.first_sent, call.deadline, call.left_at, call.errors, call.looked)


def without_lines(state: State) -> dict[str, object]:
    """Line ids differ on the two sides; what the lines say does not."""
    plain: dict[str, object] = {k: v for k, v in state.items() if not k.startswith("lines.")}
    contents: dict[str, set[tuple[str, object]]] = {}
    for path, value in state.items():
        if path.startswith("lines."):
            _, line, leaf = path.split(".", 2)
            contents.setdefault(line, set()).add((leaf, value))
    plain["lines"] = sorted(sorted(map(str, content)) for content in contents.values())
    return plain
