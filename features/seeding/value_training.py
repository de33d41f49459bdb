"""Fits BG/NBD and gamma-gamma, and asks the next 39 weeks whether they hold. Plain Python, no Django."""

from dataclasses import asdict
from datetime import UTC, datetime

import numpy as np
from threadpoolctl import threadpool_limits

from features.personalisation.maths.bg_nbd_fit import bg_nbd_log_likelihood, fit_bg_nbd
from features.personalisation.maths.evaluation import calibration, errors, lift, roc_auc
from features.personalisation.maths.gamma_gamma_fit import fit_gamma_gamma, gamma_gamma_log_likelihood
from features.personalisation.maths.histories import Floats
from features.personalisation.parameters import PATH, ValueModel, to_json
from features.seeding import value_plots
from features.seeding.results import StoredFile, TrainedRun
from features.seeding.value_runs import HALF_WEEKS, PUBLISHED, ValueRows

PNG, JSON = "image/png", "application/json"


def train(rows: ValueRows) -> TrainedRun:
    """Fit on what was known; where the run is checked, compare with what came."""
    started_at = datetime.now(UTC)
    with threadpool_limits(limits=1):
        model = ValueModel(fit_bg_nbd(rows.known), fit_gamma_gamma(rows.known))
        scores, files = _fitted(model, rows), [StoredFile(PATH, JSON, to_json(model))]
        if rows.run.is_sample:
            scores |= _published_apart(scores)
        if rows.run.is_checked:
            scores |= _checked(model, rows)
        files += _plots(model, rows)
    return TrainedRun(
        run_id=rows.run.run_id,
        epochs=[],
        scores=scores,
        files=files,
        checkpoints=[],
        facts={"task": "customer value", "estimator": "BG/NBD with gamma-gamma", "seeded": "true"},
        started_at=started_at,
        ended_at=datetime.now(UTC),
    )


def _fitted(model: ValueModel, rows: ValueRows) -> dict[str, float]:
    return {
        **asdict(model.buying),
        **asdict(model.spending),
        "log_likelihood": bg_nbd_log_likelihood(model.buying, rows.known),
        "spend_log_likelihood": gamma_gamma_log_likelihood(model.spending, rows.known),
        "mean_spend": model.spending.mean,
        "customers": float(len(rows.known)),
        "value_of_all": float(model.lifetime_value(rows.known).sum()),
    }


def _published_apart(scores: dict[str, float]) -> dict[str, float]:
    apart = {name: abs(scores[name] / told - 1) for name, told in PUBLISHED.items()}
    return {f"published_{name}": told for name, told in PUBLISHED.items()} | {
        "published_apart": max(apart.values())
    }


def _checked(model: ValueModel, rows: ValueRows) -> dict[str, float]:
    """Errors, bias and lift of days and dollars, each beside the simple ways to predict them."""
    days, dollars = predictions(model, rows)
    scores = {"roc_auc": roc_auc(rows.days > 0, days["model"])}
    for actual, predicted, unit in ((rows.days, days, ""), (rows.dollars, dollars, "spend_")):
        for way, each in predicted.items():
            name = f"{unit}{'' if way == 'model' else f'baseline_{way}_'}"
            scores |= {f"{name}{what}": value for what, value in asdict(errors(actual, each)).items()}
            scores[f"{name}lift_of_best_tenth"] = lift(actual, each)
    return scores


def predictions(model: ValueModel, rows: ValueRows) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Days with a purchase and dollars in the next 39 weeks: by the model, as in the last ones, as all."""
    known = rows.known
    days = model.buying.expected_purchases(known, HALF_WEEKS)
    repeated = known.frequency * known.mean_spend
    means = np.full(len(known), known.frequency.mean()), np.full(len(known), repeated.mean())
    return (
        {"model": days, "past": known.frequency, "mean": means[0]},
        {"model": days * model.spending.expected_spend(known), "past": repeated, "mean": means[1]},
    )


def _plots(model: ValueModel, rows: ValueRows) -> list[StoredFile]:
    pictures = {"p_alive": value_plots.p_alive(model.buying, title="Who still buys, after 39 weeks")}
    if rows.run.is_checked:
        days, dollars = predictions(model, rows)
        bins = calibration(rows.known.frequency, rows.days, days["model"])
        pictures["calibration"] = value_plots.calibration(bins, title="Expected purchases and what came")
        chosen = {"by value": dollars["model"], "by repeats before": days["past"]}
        pictures["gains"] = value_plots.cumulative_gains(
            rows.dollars,
            chosen | {"by dollars before": rows.known.spent},
            title="Who spends the next dollars",
        )
    if rows.by_day is not None:
        pictures["tracking"] = value_plots.tracking(model.buying, rows.by_day, title="Repeats added up")
    return [StoredFile(f"plots/{name}.png", PNG, content) for name, content in pictures.items()]
