"""How the runs table may be sorted."""

import math
from dataclasses import dataclass

from django.db.models import FilteredRelation, Q

from analysis.queries.keyset import Order
from registry.models.run import RunQuerySet

DEFAULT_SORT = "-started_at"
COLUMNS = {
    "name": ("name", False),
    "experiment": ("experiment__name", False),
    "dataset": ("dataset__name", True),
    "model": ("model_name", False),
    "framework": ("framework", False),
    "status": ("status", False),
    "accuracy": ("accuracy", True),
    "loss": ("loss", True),
    "duration": ("duration_seconds", True),
    "started_at": ("started_at", False),
}
"""Column → its field, and whether a run may lack it."""


@dataclass(frozen=True, slots=True)
class Sorting:
    """A parsed ``sort``: ``accuracy``, ``-started_at``, ``-metric.val_loss``, ``param.lr``."""

    text: str
    kind: str
    key: str
    is_descending: bool

    def apply(self, runs: RunQuerySet) -> tuple[RunQuerySet, list[Order]]:
        """The runs that can be sorted so, and their order.

        Sorting by a metric or a param leaves out the runs that have none of that name: the index
        then gives the page at once, however many runs there are. NaN counts as none: PostgreSQL
        holds it for greater than every number.
        """
        tie = Order("pk", self.is_descending)
        if self.kind == "metric":
            joined = FilteredRelation("metrics", condition=Q(metrics__key=self.key))
            has_number = Q(("sorted_metric__latest_value__lt", math.nan))
            runs = runs.annotate(sorted_metric=joined).filter(has_number)
            return runs, [Order("sorted_metric__latest_value", self.is_descending), tie]
        if self.kind == "param":
            joined = FilteredRelation("params", condition=Q(params__key=self.key))
            runs = runs.annotate(sorted_param=joined).filter(Q(("sorted_param__value__isnull", False)))
            number = Order("sorted_param__value_number", self.is_descending, is_nullable=True)
            return runs, [number, Order("sorted_param__value", self.is_descending), tie]
        path, is_nullable = COLUMNS[self.key]
        return runs, [Order(path, self.is_descending, is_nullable), tie]


def parsed_sort(text: str) -> Sorting:
    """The sorting that ``text`` asks for; newest first where it asks for none that exists."""
    name = text.removeprefix("-")
    kind, _, key = name.partition(".")
    if kind in ("metric", "param") and key and "\x00" not in key:
        return Sorting(text, kind, key, text.startswith("-"))
    if name in COLUMNS:
        return Sorting(text, "column", name, text.startswith("-"))
    return Sorting(DEFAULT_SORT, "column", "started_at", is_descending=True)
