"""Whole-system tests: the services as processes, real Kafka, PostgreSQL and HTTP."""
