"""``make demo`` and ``make smoke``: the whole platform on one machine."""
