"""Customers as the pages show them: segments, values, predictions."""
