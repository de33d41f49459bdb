"""Runs side by side: what the page ``/compare/`` shows, and what its files hold."""
