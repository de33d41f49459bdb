"""Profiles that people wait for: asked for, promised, computed by a task (docs/recommendations.md)."""
