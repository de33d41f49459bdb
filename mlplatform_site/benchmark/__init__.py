"""``make bench-tracking``: the servers that ``analysis.benchmarks.tracking`` drives, on one stack."""
