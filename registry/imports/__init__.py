"""Bringing in what other stores hold: runs with everything of theirs, whole or not at all."""
