"""Kafka and the tables beside it: broker, inbox, journal relay, log reader."""
