"""The environment a command finds its servers in."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from libs.messaging.broker import ensure_topics


@pytest.fixture
async def operator(
    kafka_url: str, topic_prefix: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Mapping[str, str]:
    """KAFKA_URL and TOPIC_PREFIX of this test, its topics made, no local stack in sight."""
    environment = {
        "KAFKA_URL": kafka_url,
        "TOPIC_PREFIX": topic_prefix,
        "LEDGERBRIDGE_FOLDER": str(tmp_path / "nothing"),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    await ensure_topics(kafka_url, topic_prefix)
    return environment
