"""What every service has: settings, app factory, logs, metrics, database, tokens, secrets."""
