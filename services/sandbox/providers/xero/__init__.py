"""A stateful simulation of Xero: identity, Accounting API 2.0 and webhooks."""
