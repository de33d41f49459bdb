"""The pictures of customers' value, as PNG bytes that are the same for the same numbers."""

from collections.abc import Mapping, Sequence

import numpy as np

from features.personalisation.maths.bg_nbd import BgNbd
from features.personalisation.maths.evaluation import Bin, gains
from features.personalisation.maths.histories import DAYS_A_WEEK, Floats, Histories
from features.seeding.plots import BLUE, VERMILION, new_figure, png
from features.seeding.value_runs import HALF_WEEKS, ByDay

GREEN, GREY = "#009E73", "#595959"
WIDTH = 0.4
MOST_REPEATS, MOST_WEEKS = 12, 39


def calibration(bins: Sequence[Bin], *, title: str) -> bytes:
    """Days with a purchase that came and that were expected, by the repeats before."""
    figure, axes = new_figure(title)
    places = np.arange(len(bins))
    for shift, colour, label, heights in (
        (-WIDTH / 2, GREY, "came", [each.actual for each in bins]),
        (WIDTH / 2, BLUE, "expected", [each.expected for each in bins]),
    ):
        axes.bar(places + shift, heights, WIDTH, color=colour, label=label)
    axes.set_xticks(places, [each.title for each in bins])
    axes.set_xlabel("repeats in the first 39 weeks")
    axes.set_ylabel("days with a purchase in the next 39")
    axes.grid(alpha=0.3, axis="y")
    axes.legend()
    return png(figure)


def cumulative_gains(actual: Floats, predictions: Mapping[str, Floats], *, title: str) -> bytes:
    """The part of what came that falls to the best customers, by each way to choose them."""
    figure, axes = new_figure(title)
    shares = np.linspace(0, 1, 101)
    styles = zip((BLUE, VERMILION, GREEN), ("-", "--", ":"), strict=True)
    for (label, predicted), (colour, style) in zip(predictions.items(), styles, strict=False):
        axes.plot(shares, gains(actual, predicted, shares), color=colour, linestyle=style, label=label)
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, label="everyone alike")
    axes.set_xlabel("best part of the customers")
    axes.set_ylabel("part of what came")
    axes.grid(alpha=0.3)
    axes.legend()
    return png(figure)


def tracking(model: BgNbd, by_day: ByDay, *, title: str) -> bytes:
    """Repeats of all customers, added up week by week: what came and what was expected."""
    figure, axes = new_figure(title)
    weeks = np.arange(0.0, 2 * HALF_WEEKS + 1)
    expected, came = cumulated(model, by_day, weeks)
    axes.plot(weeks, came, color=GREY, label="came")
    axes.plot(weeks, expected, color=BLUE, linestyle="--", label="expected")
    axes.axvline(HALF_WEEKS, color=VERMILION, linewidth=1)
    axes.set_xlabel("week (fitted left of the line)")
    axes.set_ylabel("repeats of all customers")
    axes.grid(alpha=0.3)
    axes.legend()
    return png(figure)


def cumulated(model: BgNbd, by_day: ByDay, weeks: Floats) -> tuple[Floats, Floats]:
    """Repeats until the ends of weeks: expected of newcomers on their days, and those that came."""
    passed = weeks[:, None] - (by_day.number[None, :] + 1) / DAYS_A_WEEK
    each = model.expected_of_a_newcomer(np.maximum(passed, 0.0).ravel()).reshape(passed.shape)
    came = [by_day.again[(by_day.number + 1) / DAYS_A_WEEK <= week].sum() for week in weeks]
    return np.asarray(each @ by_day.first, dtype=np.float64), np.array(came)


def p_alive(model: BgNbd, *, title: str) -> bytes:
    """The probability to be alive by repeats and silence, of customers of 39 weeks."""
    figure, axes = new_figure(title)
    repeats, silent = np.meshgrid(np.arange(1.0, MOST_REPEATS + 1), np.arange(0.0, MOST_WEEKS))
    shape = repeats.size
    known = Histories(
        np.arange(shape),
        repeats.ravel(),
        MOST_WEEKS - silent.ravel(),
        np.full(shape, float(MOST_WEEKS)),
        np.zeros(shape),
        np.zeros(shape, np.int64),
        np.zeros(shape),
    )
    drawn = axes.imshow(
        model.p_alive(known).reshape(repeats.shape),
        origin="lower",
        aspect="auto",
        extent=(0.5, MOST_REPEATS + 0.5, 0, MOST_WEEKS),
        cmap="viridis",
        vmin=0,
        vmax=1,
    )
    figure.colorbar(drawn, ax=axes, label="probability to be alive")
    axes.set_xlabel("repeats")
    axes.set_ylabel("weeks since the last one")
    return png(figure)
