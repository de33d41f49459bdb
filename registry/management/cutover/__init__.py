"""The demonstration that run notes move between stores, under writers, and none is lost."""
