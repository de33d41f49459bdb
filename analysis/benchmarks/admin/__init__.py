"""The admin at a million runs and ten million metric points: every list, filter, search and form."""
