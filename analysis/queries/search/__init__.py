"""Searching everything by a few characters."""
