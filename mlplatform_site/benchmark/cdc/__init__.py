"""Change capture, measured: its lag, its rates, its memory, and the outbox beside it."""
