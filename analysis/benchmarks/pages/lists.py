"""The pages that are measured."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.urls import reverse

from registry.enums import Lifecycle
from registry.models import Dataset, Experiment, RegisteredModel, TrainingRun

from .measuring import Asked

SORTED_FILTER = "?" + urlencode({"filter": "metrics.val_loss < 0.5", "sort": "-started_at"})


def comparison_pages(run_ids: Sequence[str]) -> list[Asked]:
    """The comparison of these runs, and the page of the first, in each way of drawing."""
    runs = urlencode([("run", run_id) for run_id in run_ids])
    compare = f"{reverse('analysis:run-comparison')}?{runs}"
    run = reverse("analysis:run-detail", args=[run_ids[0]])
    return [
        Asked("comparison", compare, has_curves=True),
        Asked("comparison, smoothed", f"{compare}&smooth=0.9", has_curves=True),
        Asked("comparison, log, time, smoothed", f"{compare}&smooth=0.9&y=log&x=relative", has_curves=True),
        Asked("comparison, grouped", f"{compare}&group=params.optimizer.name", has_curves=True),
        Asked("comparison, curves.json", f"{reverse('analysis:comparison-curves')}?{runs}", has_curves=True),
        Asked("run", run, has_curves=True),
        Asked("run, smoothed, log", f"{run}?smooth=0.9&y=log", has_curves=True),
    ]


def list_pages() -> list[Asked]:
    """Every list of the site, first page, and some pages of one thing each."""
    runs = TrainingRun.objects.filter(
        lifecycle=Lifecycle.ACTIVE, experiment__lifecycle=Lifecycle.ACTIVE
    ).order_by("pk")
    run = runs[runs.count() // 2]
    experiment, dataset = Experiment.objects.order_by("pk").first(), Dataset.objects.order_by("pk").first()
    model = RegisteredModel.objects.order_by("pk").first()
    named = [
        ("runs", "run-list", [], ""),
        ("runs, filtered and sorted", "run-list", [], SORTED_FILTER),
        ("run of the middle", "run-detail", [run.run_id], ""),
        ("experiments", "experiment-list", [], ""),
        ("experiment", "experiment-detail", [experiment and experiment.experiment_id], ""),
        ("data sets", "dataset-list", [], ""),
        ("data set", "dataset-detail", [dataset and dataset.name], ""),
        ("models", "model-list", [], ""),
        ("model", "registered-model", [model and model.name], ""),
        ("search", "search", [], "?q=run"),
        ("leaderboards", "leaderboard", [], ""),
        ("overview", "store-overview", [], ""),
    ]
    return [
        Asked(page, reverse(f"analysis:{name}", args=arguments) + query)
        for page, name, arguments, query in named
        if None not in arguments
    ]
