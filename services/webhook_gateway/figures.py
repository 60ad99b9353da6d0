"""What the gateway counts."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from libs.service.metrics import BUCKETS


@dataclass(frozen=True, slots=True)
class Figures:
    """Webhooks are requests; records are what goes to Kafka, one per company a body names."""

    received: Counter
    refused: Counter
    published: Counter
    spooled: Counter
    drained: Counter
    dead: Counter
    waiting: Gauge
    kafka_up: Gauge
    seconds: Histogram

    @classmethod
    def create(cls, registry: CollectorRegistry) -> "Figures":
        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"webhook_{name}", text, labels, registry=registry)

        return cls(
            counter("received", "Webhooks that arrived.", "provider"),
            counter("refused", "Webhooks not taken in, by reason.", "provider", "reason"),
            counter("published", "Records Kafka confirmed before the answer.", "topic"),
            counter("spooled", "Records kept in PostgreSQL before the answer.", "topic"),
            counter("drained", "Spooled records Kafka has confirmed since.", "topic"),
            counter("dead_letters", "Bodies or records that went to the dead letters.", "reason"),
            Gauge("webhook_spool_waiting", "Records in the spool.", registry=registry),
            Gauge("webhook_kafka_up", "1 while Kafka confirms.", registry=registry),
            Histogram(
                "webhook_seconds",
                "Seconds from the request to its answer.",
                ("provider",),
                buckets=BUCKETS,
                registry=registry,
            ),
        )
