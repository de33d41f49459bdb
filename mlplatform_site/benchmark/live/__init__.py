"""``manage.py benchmark_live``: pages that follow, under load (docs/live.md)."""
