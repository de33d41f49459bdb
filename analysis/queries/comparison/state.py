"""What a comparison shows, as its address says it: nothing is kept anywhere else."""

import math
import re
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self, TypeVar
from urllib.parse import urlencode

from django.http import QueryDict

from registry.fields import HEX_ID

MOST_RUNS = 200
MOST_SMOOTHING = 0.99
SHOWS = ("best", "last", "min", "max")
XAxis = Literal["step", "relative", "wall"]
X_AXES: tuple[XAxis, ...] = ("step", "relative", "wall")
Y_AXES = ("linear", "log")
Word = TypeVar("Word", bound=str)
BETWEEN = re.compile(r"[,\s]+")


@dataclass(frozen=True, slots=True)
class ComparisonState:
    """The address, read.

    Attributes:
        run_ids: The runs in order, each once, at most 200.
        base: The run that the others are measured against; empty for the first.
        only_differences: Rows that are the same in every run are hidden.
        metrics: Those whose curves are drawn; empty for the page's own choice.
        x: ``step``, ``relative`` (time since each run's first point) or ``wall`` (the clock).
        smooth: 0 to 0.99, of the curves.
        group: The field that runs are grouped by: ``model``, ``params.lr``, ``tags.team``, …; empty for the
            page's own choice, which is none up to eight runs.
        show: Which figure of a metric counts: ``best``, ``last``, ``min`` or ``max``.
        scatter_x: What the scatter plot has across, such as ``params.lr``; empty for the page's choice.
        scatter_y: What it has up, such as ``metrics.accuracy``.
        find: Part of a name or an id, to find runs to add.
        malformed: What stands where run ids should, and is none.
        left_out: How many runs were named beyond the 200th.
    """

    run_ids: tuple[str, ...] = ()
    base: str = ""
    only_differences: bool = False
    metrics: tuple[str, ...] = ()
    x: XAxis = "step"
    y: str = "linear"
    smooth: float = 0.0
    group: str = ""
    show: str = "best"
    scatter_x: str = ""
    scatter_y: str = ""
    find: str = ""
    malformed: tuple[str, ...] = field(default=(), compare=False)
    left_out: int = field(default=0, compare=False)

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        """Read an address; what it does not say, or says wrongly, is as usual.

        ``run`` may stand many times and hold many ids with commas between; ``add`` is another name for it,
        ``without`` takes runs out again.
        """
        named = dict.fromkeys(_ids(query, "run") + _ids(query, "add"))
        for gone in _ids(query, "without"):
            named.pop(gone, None)
        run_ids = [name for name in named if HEX_ID.fullmatch(name)]
        return cls(
            run_ids=tuple(run_ids[:MOST_RUNS]),
            base=_text(query, "base"),
            only_differences=query.get("diff") == "only",
            metrics=tuple(dict.fromkeys(key for key in query.getlist("metric") if key)),
            x=_choice(query, "x", X_AXES),
            y=_choice(query, "y", Y_AXES),
            smooth=_share(query.get("smooth", "")),
            group=_text(query, "group"),
            show=_choice(query, "show", SHOWS),
            scatter_x=_text(query, "scatter_x"),
            scatter_y=_text(query, "scatter_y"),
            find=_text(query, "find"),
            malformed=tuple(name[:100] for name in named if not HEX_ID.fullmatch(name)),
            left_out=max(0, len(run_ids) - MOST_RUNS),
        )

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Names and values of a form or an address that says the same, without what is as usual."""
        return [*(("run", run_id) for run_id in self.run_ids), *self.choices]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The same without the runs."""
        single = {
            "base": self.base,
            "diff": "only" if self.only_differences else "",
            "x": self.x if self.x != X_AXES[0] else "",
            "y": self.y if self.y != Y_AXES[0] else "",
            "smooth": f"{self.smooth:g}" if self.smooth else "",
            "group": self.group,
            "show": self.show if self.show != SHOWS[0] else "",
            "scatter_x": self.scatter_x,
            "scatter_y": self.scatter_y,
            "find": self.find,
        }
        return [
            *((name, value) for name, value in single.items() if value),
            *(("metric", key) for key in self.metrics),
        ]

    def query(self, **changes: Any) -> str:
        """The query string of this state, or of one that differs from it in some attributes."""
        said = replace(self, **changes) if changes else self
        # Ids are hexadecimal digits: nothing in them is to be quoted, and they are most of an address.
        runs = [f"run={run_id}" for run_id in said.run_ids]
        return "&".join(filter(None, [*runs, urlencode(said.choices)]))

    def without(self, run_id: str) -> str:
        """The query string without a run."""
        kept = tuple(each for each in self.run_ids if each != run_id)
        return self.query(run_ids=kept, base="" if self.base == run_id else self.base)

    def among(self, run_ids: tuple[str, ...]) -> "ComparisonState":
        """The same about the runs that are there."""
        return replace(self, run_ids=run_ids, base=self.base if self.base in run_ids else "")


def _ids(query: QueryDict, name: str) -> list[str]:
    parts = [part for text in query.getlist(name) for part in BETWEEN.split(text)]
    return [part.lower() for part in parts if part]


def _text(query: QueryDict, name: str) -> str:
    return query.get(name, "").replace("\x00", "")[:300]


def _choice(query: QueryDict, name: str, choices: tuple[Word, ...]) -> Word:
    said = query.get(name, "")
    return next((choice for choice in choices if choice == said), choices[0])


def _share(text: str) -> float:
    try:
        number = float(text or 0)
    except ValueError:
        return 0.0
    return min(max(number, 0.0), MOST_SMOOTHING) if math.isfinite(number) else 0.0
