"""The HTTP API under ``/api/1/``: JSON in and out, a token on every request (docs/api.md)."""
