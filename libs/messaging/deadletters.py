"""Dead letters: what could not be taken in, in words a person can act on."""

import base64
import re
import uuid
from datetime import datetime

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from contracts.messages import DeadLetter
from contracts.topics import DEAD_LETTERS
from contracts.values import CONTROL, EntityType
from libs.messaging.cloudevents import headers
from libs.messaging.publisher import Outgoing
from libs.messaging.record import Record
from libs.messaging.topics import Names

HEAD_BYTES = 64 * 1024
SHORT, LONG = 255, 4000
NAMESPACE = uuid.UUID("6b0f6f2e-8f0e-5d0a-9c3d-6f6f8f1f2a77")
# A discriminated union adds its tag to the path, which is no part of the JSON.
TAGGED = frozenset({"entity", "before", "after"})
TAGS = frozenset(EntityType)
FIXES = {
    "missing": "Add the field",
    "extra_forbidden": "Remove the field",
    "json_invalid": "Send the event as UTF-8 JSON",
    "json_type": "Send the event as UTF-8 JSON",
    "union_tag_not_found": "Add the field `type`",
    "union_tag_invalid": "Use one of the entity types of the contract",
}
MESSAGES = {"union_tag_invalid": "The `type` is none of the entity types of the contract"}


def dead_letter(
    record: Record, names: Names, *, consumer: str, reason: str, sentence: str, action: str = ""
) -> DeadLetter:
    """The dead letter of a consumed record.

    `reason` is a stable word, `sentence` says what is wrong and `action` what to do. Whatever the
    record holds, the letter itself is valid: control characters are replaced, texts are cut.
    """
    attributes = dict(record.headers)
    value = record.value or b""
    return DeadLetter(
        topic=_clean(names.unprefixed(record.topic), SHORT),
        partition=record.partition,
        offset=record.offset,
        key=_clean(_text(record.key), LONG),
        tenant=_clean(_text(attributes.get("ce_tenant")), SHORT),
        event=_clean(_text(attributes.get("ce_type")), SHORT),
        consumer=_clean(consumer, SHORT),
        reason=_clean(reason, SHORT),
        sentence=_clean(sentence, LONG),
        action=_clean(action, LONG),
        size=len(value),
        head=base64.b64encode(value[:HEAD_BYTES]).decode(),
    )


def outgoing(letter: DeadLetter, *, source: str, time: datetime) -> Outgoing:
    """The letter as a message; its id is the same whenever the same record is buried again."""
    place = f"{letter.consumer}/{letter.topic}/{letter.partition}/{letter.offset}"
    made = headers(
        letter,
        source=source,
        id=str(uuid.uuid5(NAMESPACE, place)),
        time=time,
        tenant=letter.tenant,
    )
    body = letter.model_dump_json().encode()
    return Outgoing(DEAD_LETTERS.name, letter.key, body, tuple(made))


def explain(error: ValidationError) -> tuple[str, str]:
    """A sentence that names the field and what is wrong with it, and the action that mends it.

    No value of the input is in either: it may be a secret.
    """
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    first = problems[0]
    sentence = f"{_path(first) or 'The body'}: {_message(first)}."
    if len(problems) > 1:
        sentence += f" {len(problems) - 1} more fields are wrong."
    fix = FIXES.get(first["type"], "Correct the field")
    return sentence, f"{fix} and publish the event again."


def _path(problem: ErrorDetails) -> str:
    path = ""
    before: int | str = ""
    for step in problem["loc"]:
        if isinstance(step, int):
            path += f"[{step}]"
        elif not (before in TAGGED and step in TAGS):
            path += f".{step}"
        before = step
    return _clean(path.removeprefix("."), SHORT)


def _message(problem: ErrorDetails) -> str:
    message = MESSAGES.get(problem["type"]) or problem["msg"].removeprefix("Value error, ")
    return _clean(message, SHORT).rstrip(".")


def _text(raw: bytes | None) -> str:
    return (raw or b"").decode(errors="backslashreplace")


def _clean(text: str, limit: int) -> str:
    clean = re.sub(r"[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)
    clean = CONTROL.sub("\N{REPLACEMENT CHARACTER}", clean)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
