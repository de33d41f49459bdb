"""The tracking API against the newest ``mlflow server``, on one machine and one PostgreSQL.

``manage.py benchmark_tracking`` (``make bench-tracking``) starts the servers; this package drives them.
"""
