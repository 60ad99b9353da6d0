"""Which importer reads a file, found by its first bytes; gzip is opened on the way."""

import gzip
import io
from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, NamedTuple, cast

from services.ops.importers import ndjson, online_retail, ubl
from services.ops.importers.refused import Imported, Refused, UnknownFormat

GZIP = b"\x1f\x8b"
HEAD = 4096


class Format(StrEnum):
    """What a file holds."""

    AUTO = "auto"
    NDJSON = "ndjson"
    UBL = "ubl"
    ONLINE_RETAIL = "online-retail"


class Wanted(NamedTuple):
    """How files are read; NDJSON may name its own tenants, which `tenant` replaces."""

    tenant: str | None
    made_at: datetime
    default_tenant: str = "demo"
    day: date | None = None
    issue_date: date | None = None


def messages(path: Path, wanted: Wanted, form: Format = Format.AUTO) -> Iterator[Imported]:
    """The messages of one file; raises UnknownFormat, and OSError where it cannot be read."""
    form = detect(path) if form is Format.AUTO else form
    tenant = wanted.tenant or wanted.default_tenant
    if form is Format.NDJSON:
        with _opened(path) as file:
            yield from ndjson.messages(
                file,
                made_at=wanted.made_at,
                tenant=wanted.tenant,
                default=wanted.default_tenant,
            )
    elif form is Format.UBL:
        with _opened(path) as file:
            content = file.read()
        yield from ubl.messages(content, tenant=tenant, made_at=wanted.made_at, where=path.name)
    else:
        yield from _online_retail(path, wanted, tenant)


def detect(path: Path) -> Format:
    """The format by the first character: `{` NDJSON, `<` UBL, the CSV by its header."""
    with _opened(path) as file:
        head = file.read(HEAD).removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"{"):
        return Format.NDJSON
    if head.startswith(b"<"):
        return Format.UBL
    if head.startswith(b"InvoiceNo,"):
        return Format.ONLINE_RETAIL
    raise UnknownFormat(f"{path.name} is neither NDJSON, UBL nor the Online Retail CSV.")


def _online_retail(path: Path, wanted: Wanted, tenant: str) -> Iterator[Imported]:
    def lines() -> Iterator[str]:
        with io.TextIOWrapper(_opened(path), encoding="utf-8-sig", newline="") as text:
            yield from text

    options = online_retail.Options(tenant, wanted.made_at, wanted.day, wanted.issue_date)
    try:
        yield from online_retail.messages(lines, options)
    except UnicodeDecodeError as error:
        yield Refused(
            path.name, "", f"not UTF-8 at byte {error.start + 1}; nothing after it is read"
        )


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
    return cast("IO[bytes]", gzip.open(path, "rb")) if packed else path.open("rb")
