"""Takes the providers' webhooks and publishes them to Kafka."""
