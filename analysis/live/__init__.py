"""Pages that follow the record: server-sent events, always rendered from PostgreSQL (docs/live.md)."""
