"""Tests of services/auth against a real PostgreSQL, a real Kafka and a real sandbox process."""
