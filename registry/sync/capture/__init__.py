"""Change capture: what PostgreSQL commits, read from its log, whole transactions in their order."""
