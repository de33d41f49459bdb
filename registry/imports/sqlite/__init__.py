"""Runs from a SQLite database of any schema: discovered, mapped, read."""
