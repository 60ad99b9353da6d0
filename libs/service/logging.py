"""Structured logs; secrets are redacted by key, by type and by shape."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog
from pydantic import SecretBytes, SecretStr

REDACTED = "[redacted]"
SECRET_KEY = re.compile(
    r"authorization|cookie|passw|secret|token|api_?key|verifier|assertion|signature"
    r"|(private|service|vault|webhook|link)_?keys?$",
    re.IGNORECASE,
)
HARMLESS_KEY = re.compile(r"token_(url|endpoint|expires_at)$|_tokens_count$", re.IGNORECASE)
SECRET_TEXT = re.compile(
    r"(?P<bearer>(?:Bearer|Basic)\s+)[\w.~+/=-]+"
    r"|\beyJ[\w-]+\.[\w-]+\.[\w-]*"
    r"|(?P<user>://[^/\s:@]*:)[^/\s@]+(?=@)"
    r"|(?P<query>[?&](?:code|state|link|[\w-]*(?:token|secret|password|verifier))=)[^&\s\"']+",
    re.IGNORECASE,
)
QUIET = ("aiokafka", "httpx", "httpcore", "faststream", "asyncio", "uvicorn.access")


def configure_logging(
    service: str, level: str = "INFO", form: str = "json", stream: TextIO | None = None
) -> None:
    """Send this process's logs, the libraries' too, to standard output or `stream` in one form."""
    shared = _shared_processors(service)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(_formatter(shared, form))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def redact(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: no secret leaves by a log, whatever was passed."""
    for key, value in event.items():
        event[key] = _clean(key, value)
    return event


def redact_text(text: str) -> str:
    """`text` without bearer tokens, JWTs, URL passwords and secret query values."""
    return SECRET_TEXT.sub(_keep_prefix, text)


def _clean(key: str, value: Any) -> Any:
    if isinstance(value, SecretStr | SecretBytes):
        return REDACTED
    if SECRET_KEY.search(key) and not HARMLESS_KEY.search(key):
        return value if value is None or isinstance(value, bool) else REDACTED
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping):
        return {name: _clean(str(name), item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", item) for item in value]
    return value


def _keep_prefix(match: re.Match[str]) -> str:
    return (match["bearer"] or match["user"] or match["query"] or "") + REDACTED


def _shared_processors(service: str) -> list[structlog.typing.Processor]:
    def name_service(
        _: object, __: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        event["service"] = service
        return event

    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        name_service,
        structlog.processors.format_exc_info,
        redact,
    ]


def _formatter(
    shared: list[structlog.typing.Processor], form: str
) -> structlog.stdlib.ProcessorFormatter:
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(default=str)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
