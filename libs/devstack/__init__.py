"""PostgreSQL and Apache Kafka on this machine with nothing but Python."""
