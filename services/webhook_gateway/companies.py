"""Which companies a webhook body names, found by the paths in the provider's TOML."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LONGEST = 255


class Unreadable(Exception):
    """The body is not JSON."""


@dataclass(frozen=True, slots=True)
class Named:
    """The companies in the order they first appear, and whether a part of the body names none.

    Neither: an empty body such as a handshake's.
    """

    companies: tuple[str, ...]
    nameless: bool


def named_companies(body: bytes, paths: Sequence[str]) -> Named:
    """Follow each of `paths` (`events[].tenantId`: of each element of `events` its `tenantId`).

    The first that leads to a company counts, else the first that the body is no stranger to.
    Raises `Unreadable`.
    """
    try:
        # An id keeps every digit it was written with; big ones must not cost time either.
        value = json.loads(body, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        raise Unreadable from None
    found = [_named(list(_follow(value, path.split(".")))) for path in paths]
    return min(found, key=lambda named: (not named.companies, named.nameless))


def _named(found: list[str | None]) -> Named:
    return Named(tuple(dict.fromkeys(id_ for id_ in found if id_)), None in found)


def _follow(value: object, steps: list[str]) -> Iterator[str | None]:
    if not steps:
        yield _company(value)
        return
    name, every = steps[0].removesuffix("[]"), steps[0].endswith("[]")
    inner = value.get(name) if name and isinstance(value, dict) else None if name else value
    elements = inner if every else [inner]
    if inner is None or not isinstance(elements, list):
        yield None
        return
    for element in elements:
        yield from _follow(element, steps[1:])


def _company(value: object) -> str | None:
    if isinstance(value, str) and 0 < len(value) <= LONGEST and value.isprintable():
        return value
    return None
