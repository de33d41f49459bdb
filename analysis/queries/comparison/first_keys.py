"""Which metrics, params and tags a comparison reads where its runs have more of them than a page can hold."""

MOST_KEYS = 1_000
MOST_VALUES = 100_000

# The first keys of all are among the first ones of each run, so that no run is read further than that.
FIRST_KEYS = """
SELECT DISTINCT x.key FROM unnest(%(runs)s::int8[]) AS r (id)
CROSS JOIN LATERAL (SELECT key FROM {table} WHERE run_id = r.id ORDER BY key LIMIT %(most)s) AS x
ORDER BY 1 LIMIT %(most)s
"""


def most_keys(runs: int) -> int:
    """How many keys of a kind are read of so many runs, at least one: the first 1,000 by name, or fewer."""
    return min(MOST_KEYS, MOST_VALUES // runs)
