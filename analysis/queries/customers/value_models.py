"""How good the models behind the scores are, from the runs that fitted and checked them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Subquery, UUIDField
from django.db.models.functions import Cast

from analysis.queries.customers.evaluation import Plot, RunLink, evaluations, run_rows, visible_runs
from features.models import CustomerScore

LATEST_CHECKS = 10
CHECK = "mae"
MEASURES = (
    ("Days with a purchase: mean absolute error", "", "mae"),
    ("Days with a purchase: root mean square error", "", "rmse"),
    ("Days with a purchase: lift of the best tenth", "", "lift_of_best_tenth"),
    ("Dollars: mean absolute error", "spend_", "mae"),
    ("Dollars: root mean square error", "spend_", "rmse"),
    ("Dollars: lift of the best tenth", "spend_", "lift_of_best_tenth"),
)
PARAMETERS = ("r", "alpha", "a", "b", "log_likelihood", "p", "q", "v")
PUBLISHED, APART = "published_", "published_apart"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure by the model, by the weeks before, by the mean of all; ``best`` is the place of the best."""

    title: str
    values: tuple[float | None, float | None, float | None]
    best: int | None


@dataclass(frozen=True, slots=True)
class ValueModels:
    """The run whose parameters were used, and the one of its experiment that was checked on most customers.

    Attributes:
        parameters: name, fitted on the published sample, published; empty without such a run.
    """

    served: RunLink
    checked: RunLink
    measures: list[Measure]
    plots: list[Plot]
    parameters: list[tuple[str, float, float]]


def value_models(viewer: User) -> ValueModels | None:
    """None where the viewer may not read the run (three statements)."""
    newest = CustomerScore.objects.order_by("-lifetime_value", "customer").values("run_id")[:1]
    runs = visible_runs(viewer)
    served = run_rows(runs.filter(run_id=Cast(Subquery(newest), UUIDField())))
    if not served:
        return None
    checks = runs.active().filter(experiment=served[0].experiment, metrics__key=CHECK)
    near = {each.pk: each for each in (*run_rows(checks.order_by("-pk")[:LATEST_CHECKS]), *served)}
    found = evaluations(list(near.values()))
    checked = max(found, key=lambda each: (CHECK in each.figures, each.figures.get("customers", 0)))
    return ValueModels(
        served=served[0].link,
        checked=checked.run,
        measures=[measure for each in MEASURES if (measure := _measure(*each, checked.figures))],
        plots=checked.plots,
        parameters=_parameters(each.figures for each in found),
    )


def _parameters(runs: Iterable[Mapping[str, float]]) -> list[tuple[str, float, float]]:
    """Of the first that was fitted on the published sample."""
    sample = next((figures for figures in runs if APART in figures), {})
    return [
        (name.replace("_", " "), sample[name], sample[PUBLISHED + name])
        for name in PARAMETERS
        if name in sample and PUBLISHED + name in sample
    ]


def _measure(title: str, unit: str, what: str, found: Mapping[str, float]) -> Measure | None:
    names = (f"{unit}{what}", f"{unit}baseline_past_{what}", f"{unit}baseline_mean_{what}")
    values = (found.get(names[0]), found.get(names[1]), found.get(names[2]))
    known = [value for value in values if value is not None]
    if values[0] is None:
        return None
    best = max(known) if what.startswith("lift") else min(known)
    return Measure(title, values, values.index(best))
