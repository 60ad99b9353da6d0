"""Fault switches: what the control API arms and the simulators take before they act."""

import itertools
import random
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from typing import Any

CALLS = frozenset(
    {"lose-answer", "error-before", "error-after", "throttle", "hang", "partial", "stale-version"}
)
WEBHOOKS = frozenset({"drop-webhooks", "double-webhooks", "shuffle-webhooks"})
TOKENS = frozenset({"lose-refresh-answer"})
RANDOM = "random"
PICKED = ("error-after", "error-before", "lose-answer", "throttle")
"""What a random fault is one of."""
ALL = CALLS | WEBHOOKS | TOKENS | {RANDOM}


@dataclass(slots=True)
class Fault:
    """One armed fault; `times` counts down to its end.

    One named `random` stays, and strikes that share of the calls (`rate`) with one of `PICKED`.
    """

    id: int
    fault: str
    method: str | None = None
    path: str | None = None
    times: int = 1
    seconds: float | None = None
    status: int | None = None
    after_elements: int | None = None
    commit: bool = True
    rate: float = 0.0
    seed: int = 0

    def fits(self, method: str, path: str) -> bool:
        """Does this fault strike that call (path below the API root, compared without case)?"""
        if self.method is not None and self.method.upper() != method:
            return False
        return self.path is None or path.lower().startswith(self.path.lower())


class Faults:
    """The armed faults of one provider, oldest first."""

    def __init__(self, known: Collection[str] = ALL) -> None:
        self._known = known
        self._armed: dict[int, Fault] = {}
        self._ids = itertools.count(1)
        self._dice: dict[int, random.Random] = {}

    def arm(self, wanted: dict[str, Any]) -> Fault:
        """Arm one; raises ValueError with a sentence when it cannot be."""
        fields = dict(wanted)
        name = fields.pop("fault", None)
        if name not in self._known:
            raise ValueError(f"There is no fault {name!r} here; known: {sorted(self._known)}.")
        unknown = set(fields) - set(Fault.__dataclass_fields__)
        if unknown - {"id"} or "id" in fields:
            raise ValueError(f"A fault has no {sorted(unknown | ({'id'} & set(fields)))}.")
        fault = Fault(id=next(self._ids), fault=name, **fields)
        if not 0 <= fault.rate <= 1:
            raise ValueError(f"A rate is between 0 and 1, not {fault.rate}.")
        self._armed[fault.id] = fault
        # Not a secret: the same seed is to give the same row of faults.
        self._dice[fault.id] = random.Random(fault.seed)
        return fault

    def take(self, names: Collection[str], method: str = "", path: str = "") -> Fault | None:
        """The oldest armed fault of these that strikes, used once; None when there is none."""
        for fault in self._armed.values():
            if fault.fault == RANDOM:
                if set(PICKED) <= set(names) and fault.fits(method, path) and self._falls(fault):
                    return replace(fault, fault=self._dice[fault.id].choice(PICKED))
            elif fault.fault in names and fault.fits(method, path):
                fault.times -= 1
                if fault.times <= 0:
                    del self._armed[fault.id]
                return fault
        return None

    def _falls(self, fault: Fault) -> bool:
        return self._dice[fault.id].random() < fault.rate

    def armed(self) -> list[dict[str, Any]]:
        """What is armed, as JSON."""
        return [asdict(fault) for fault in self._armed.values()]

    def disarm(self) -> None:
        """Forget all."""
        self._armed.clear()
        self._dice.clear()
