"""A dataset's neighbours as a drawing whose boxes are links."""

from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString

from analysis.charts.lineage import Layer, Node, lineage_chart
from analysis.queries.datasets.lineage import Lineage
from registry.models import Dataset

MOST_DATASETS, MOST_RUNS, MOST_VERSIONS, MOST_LIVE = 7, 8, 8, 8
"""Forty boxes at most, the dataset's own and both kinds of datasets among them."""


def lineage_drawing(dataset: Dataset, known: Lineage) -> SafeString:
    """Parents → this → children and runs → versions → where they are live; empty where it stands alone."""
    if known.is_alone:
        return SafeString("")
    this = Node("this", dataset.name, "this")
    parents = [_dataset("parent", name) for name in known.parents[:MOST_DATASETS]]
    children = [_dataset("child", name) for name in known.children[:MOST_DATASETS]]
    runs = [
        Node(f"run {run_id}", name, "run", reverse("analysis:run-detail", args=[run_id]))
        for run_id, name in known.runs[:MOST_RUNS]
    ]
    made = known.versions[:MOST_VERSIONS]
    versions = [
        Node(
            f"version {each.model} {each.number}", f"{each.model} {each.number}", "model", _model(each.model)
        )
        for each in made
    ]
    live = [(each, environment) for each in known.versions for environment in each.environments]
    deployed = [
        Node(f"live {each.model} {where}", f"{each.model}: {where}", "live", _model(each.model))
        for each, where in live[:MOST_LIVE]
    ]
    below = len(children) + len(runs)
    layers = [
        Layer("Made from", parents, len(known.parents) - len(parents)),
        Layer("This dataset", [this]),
        Layer(_title(children, runs), [*children, *runs], len(known.children) + len(known.runs) - below),
        Layer("Model versions", versions, len(known.versions) - len(versions)),
        Layer("Live", deployed, len(live) - len(deployed)),
    ]
    edges = [(node.key, "this") for node in parents]
    edges += [("this", node.key) for node in [*children, *runs]]
    edges += [(f"run {each.run_id}", f"version {each.model} {each.number}") for each in made]
    edges += [(f"version {each.model} {each.number}", f"live {each.model} {where}") for each, where in live]
    return lineage_chart(layers, edges, title=f"Lineage of {dataset.name}")


def _title(children: list[Node], runs: list[Node]) -> str:
    if children and runs:
        return "Datasets and runs of it"
    return "Datasets of it" if children else "Runs"


def _dataset(side: str, name: str) -> Node:
    return Node(f"{side} {name}", name, side, reverse("analysis:dataset-detail", args=[name]))


def _model(name: str) -> str:
    try:
        return reverse("analysis:registered-model", args=[name])
    except NoReverseMatch:
        return ""
