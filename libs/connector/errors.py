"""What can go wrong with a provider, named for what to do about it.

SyncError
├── Unavailable     back off and try again: the request did not get there, or was not looked at
├── RateLimited     hold the connection for `after`; no attempt is spent
├── NotReady        wait for the entities it refers to
├── Conflict        the version was stale: read, merge, again
├── Uncertain       the outcome of a write is not known: find it, else a human decides
├── Held            pause this lane until a person answers or the cause is gone
├── Rejected        will never work as it stands: dead letter, in words a bookkeeper can act on
└── Disconnected    hold the connection until it is connected again

Anything else is our own bug: three tries, then dead and loud.
"""

from datetime import timedelta

from contracts.values import EntityType


class SyncError(Exception):
    """`sentence` is for a person: what happened, to which record; `action`: what to do, by whom."""

    reason = "error"

    def __init__(self, sentence: str, *, reason: str = "", action: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.reason = reason or self.reason
        self.action = action


class Unavailable(SyncError):
    """The provider, or the way to it, is down; nothing was stored."""

    reason = "unavailable"


class RateLimited(SyncError):
    """The provider's limit (or ours for it) is used up until `after` from now."""

    reason = "rate-limited"

    def __init__(self, sentence: str, after: timedelta) -> None:
        super().__init__(sentence)
        self.after = after


class NotReady(SyncError):
    """Entities this one refers to have no record yet."""

    reason = "waits"

    def __init__(self, waits_for: tuple[tuple[EntityType, str], ...]) -> None:
        names = ", ".join(f"{kind} {entity}" for kind, entity in waits_for)
        super().__init__(f"It refers to {names}, not yet in the ledger.")
        self.waits_for = waits_for


class Conflict(SyncError):
    """The record was changed there since it was read."""

    reason = "stale"


class Uncertain(SyncError):
    """Whether the ledger stored the write is not known; `answered`: it said something (5xx)."""

    reason = "uncertain"

    def __init__(self, sentence: str, *, answered: bool = False) -> None:
        super().__init__(sentence)
        self.answered = answered


class Held(SyncError):
    """It waits for a person, or for the cause to go away."""

    reason = "held"


class Rejected(SyncError):
    """The ledger, or a rule of it, refuses this as it stands."""

    reason = "rejected"


class Disconnected(SyncError):
    """The tenant's company can no longer be reached with what we were granted."""

    reason = "disconnected"
