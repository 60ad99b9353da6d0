"""What a connector counts; all of it is on /metrics."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram


@dataclass(frozen=True, slots=True)
class Figures:
    """Counters of one connector process."""

    calls: Counter
    refused: Counter
    settled: Counter
    failed: Counter
    turns: Histogram

    @staticmethod
    def create(registry: CollectorRegistry) -> "Figures":
        return Figures(
            Counter("ledger_calls", "HTTP calls to the provider.", ["method"], registry=registry),
            Counter("ledger_throttled", "Answers 429 of the provider.", registry=registry),
            Counter("lanes_settled", "Writes whose outcome is known.", registry=registry),
            Counter("lanes_failed", "Work that ended otherwise.", ["reason"], registry=registry),
            Histogram("turn_seconds", "One claim, from lease to release.", registry=registry),
        )
