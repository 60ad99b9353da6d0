"""Kafka and PostgreSQL in containers, for machines where a Docker engine answers."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

KAFKA_IMAGE = "confluentinc/cp-kafka:8.0.0"
POSTGRES_IMAGE = "postgres:18"


@cache
def docker_answers() -> bool:
    """Whether a Docker engine answers; asked once."""
    if not os.environ.get("DOCKER_HOST") and not Path("/var/run/docker.sock").exists():
        return False
    import docker  # a part of testcontainers, wanted only where there may be an engine

    try:
        client = docker.from_env()
    except docker.errors.DockerException:
        return False
    try:
        return bool(client.ping())
    except (docker.errors.DockerException, OSError):
        return False
    finally:
        client.close()


@contextmanager
def kafka_container() -> Iterator[str]:
    """A node's address, stopped at the end."""
    from testcontainers.kafka import KafkaContainer

    with KafkaContainer(KAFKA_IMAGE).with_kraft() as node:
        yield node.get_bootstrap_server()


@contextmanager
def postgres_container() -> Iterator[str]:
    """A server's URL, stopped at the end."""
    from testcontainers.postgres import PostgresContainer

    with PostgresContainer(POSTGRES_IMAGE) as server:
        yield server.get_connection_url(driver=None)
