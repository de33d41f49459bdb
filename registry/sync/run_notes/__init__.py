"""Run notes, which can move from MongoDB to PostgreSQL and back (docs/dual-write.md)."""
