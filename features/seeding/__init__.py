"""Real runs and real customers for a fresh platform.

Only ``datasets``, ``families``, ``plots`` and ``trainer`` import scikit-learn and matplotlib, which
costs seconds; they run in worker processes, so that a second seeding, which trains nothing, does
not pay for them.
"""
