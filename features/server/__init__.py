"""Feast's HTTP protocol: what its remote client sends, and what it expects (docs/feature-server.md)."""
