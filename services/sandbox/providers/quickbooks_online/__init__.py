"""A stateful simulation of QuickBooks Online: OAuth, Accounting API v3 and webhooks."""
