"""Connects a tenant's company and keeps its tokens."""
