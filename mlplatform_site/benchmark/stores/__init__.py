"""PostgreSQL, MongoDB and Redis at the same work (``manage.py benchmark``).

What is measured, and what becomes of the figures, is in ``analysis.benchmarks.stores``.
"""
