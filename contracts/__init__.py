"""The language shared by all services: entities, messages, topics and provider facts."""
