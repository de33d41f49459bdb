"""Runs from a CSV file, a row each."""
