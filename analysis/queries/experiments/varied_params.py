"""Which params an experiment's runs differ in."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from registry.filters import Entity, Field, field_text

MOST_RUNS = 300
MOST_PARAMS = 12
LONGEST = 200

VARIED = """
SELECT p.key, count(DISTINCT p.value), count(*),
       left((array_agg(p.value ORDER BY r.accuracy DESC NULLS LAST, r.id DESC))[1], %(longest)s),
       CASE WHEN count(p.value_number) = count(*) THEN min(p.value_number) END,
       CASE WHEN count(p.value_number) = count(*) THEN max(p.value_number) END
FROM registry_param p JOIN registry_trainingrun r ON r.id = p.run_id
WHERE p.run_id = ANY(%(runs)s)
GROUP BY p.key HAVING count(DISTINCT p.value) > 1
ORDER BY count(DISTINCT p.value) DESC, p.key LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class VariedParam:
    """A param with more than one value.

    Attributes:
        values: How many different ones.
        runs: How many of the runs have it.
        best_value: That of the most accurate run.
        least, greatest: Where every value is a number.
    """

    key: str
    values: int
    runs: int
    best_value: str
    least: float | None
    greatest: float | None

    @property
    def columns(self) -> list[str]:
        """Columns of the runs table that show what it does; the param's own where it can be named."""
        try:
            return ["status", "accuracy", field_text(Field(Entity.PARAM, self.key))]
        except ValueError:
            return ["status", "accuracy"]


def varied_params(runs: Sequence[int]) -> list[VariedParam]:
    """The 12 params with the most different values among the first 300 runs (one statement).

    Args:
        runs: Primary keys.
    """
    asked = {"runs": list(runs[:MOST_RUNS]), "longest": LONGEST, "limit": MOST_PARAMS}
    with connection.cursor() as cursor:
        cursor.execute(VARIED, asked)  # type: ignore[arg-type]
        return [VariedParam(*row) for row in cursor.fetchall()]
