"""Names of topics and consumer groups as they are on the broker: with the installation's prefix."""

from dataclasses import dataclass

from contracts.topics import Topic


@dataclass(frozen=True, slots=True)
class Names:
    """Puts `prefix` before every topic and group, so that installations can share one broker."""

    prefix: str = ""

    def topic(self, topic: Topic | str) -> str:
        """The name on the broker of a topic of `contracts.topics`."""
        return self.prefix + (topic if isinstance(topic, str) else topic.name)

    def group(self, name: str) -> str:
        """The name on the broker of a consumer group."""
        return self.prefix + name

    def unprefixed(self, name: str) -> str:
        """The name in `contracts.topics` of a topic as the broker calls it."""
        return name.removeprefix(self.prefix)
