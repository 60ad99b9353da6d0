"""What the services are made of; nothing here names a provider."""
