"""The pictures of the run."""

from collections.abc import Mapping, Sequence

from features.seeding.plots import BLUE, VERMILION, new_figure, png
from features.seeding.results import Epoch

from .maths.evaluation import Ranks
from .maths.item_item import Settings

GREY = "#6B7280"
LONGEST = 50
LOOKS = {"item-item": (BLUE, "-"), "popularity": (VERMILION, "--"), "random": (GREY, ":")}


def hit_rates(ranks: Mapping[str, Ranks]) -> bytes:
    """How often the held-out film is among the first 1, 2, … films."""
    figure, axes = new_figure("films: how often the last film is among the first k")
    places = range(1, LONGEST + 1)
    for name, each in ranks.items():
        colour, dashes = LOOKS[name]
        shares = [each.hit_rate(at) for at in places]
        axes.plot(places, shares, color=colour, linestyle=dashes, label=name)
    axes.set_xlabel("k")
    axes.set_ylabel("hit rate")
    axes.grid(alpha=0.3)
    axes.legend()
    return png(figure)


def candidates(settings: Sequence[Settings], epochs: Sequence[Epoch]) -> bytes:
    """What each candidate reached on the last ratings but one."""
    figure, axes = new_figure("films: candidates on the last rating but one")
    labels = [f"{each.half_life:g} / {each.neighbours}" for each in settings]
    axes.bar(labels, [each.metrics["val_ndcg_at_10"] for each in epochs], color=BLUE)
    axes.set_xlabel("half-life in ratings / neighbours")
    axes.set_ylabel("NDCG@10")
    axes.grid(alpha=0.3, axis="y")
    return png(figure)
