"""Chooses the settings, evaluates them, fits on everything. Plain Python, no Django."""

from dataclasses import asdict
from datetime import UTC, datetime

from threadpoolctl import threadpool_limits

from features.seeding.results import Epoch, StoredFile, TrainedRun

from . import model_file, plots
from .maths.evaluation import Ranks, model_ranks, popularity_ranks, random_ranks
from .maths.interactions import Interactions, leave_last_out
from .maths.item_item import Settings, fit
from .run import CANDIDATES, MODEL_PATH, RUN_ID

NPZ, PNG = "application/octet-stream", "image/png"


def train(known: Interactions) -> TrainedRun:
    """Choose on the last ratings but one, report on the last, and fit what serves on all of them.

    The epochs of the result are the candidates, in the order declared.
    """
    started_at = datetime.now(UTC)
    learnt, held_out = leave_last_out(known)
    with threadpool_limits(limits=1):
        epochs = _compared(learnt)
        chosen = CANDIDATES[max(epochs, key=lambda each: each.metrics["val_ndcg_at_10"]).number - 1]
        ranks = {
            "item-item": model_ranks(chosen, learnt, held_out),
            "popularity": popularity_ranks(learnt, held_out),
            "random": random_ranks(learnt, held_out),
        }
        model = model_file.to_bytes(fit(known, chosen))
    return TrainedRun(
        run_id=RUN_ID,
        epochs=epochs,
        scores=_scores(ranks),
        files=[
            StoredFile(MODEL_PATH, NPZ, model),
            StoredFile("plots/hit_rate.png", PNG, plots.hit_rates(ranks)),
            StoredFile("plots/candidates.png", PNG, plots.candidates(CANDIDATES, epochs)),
        ],
        checkpoints=[],
        facts=_facts(chosen),
        started_at=started_at,
        ended_at=datetime.now(UTC),
    )


def _compared(learnt: Interactions) -> list[Epoch]:
    inner, asked = leave_last_out(learnt)
    epochs = []
    for number, settings in enumerate(CANDIDATES, start=1):
        ranks = model_ranks(settings, inner, asked)
        figures = {"val_hit_rate_at_10": ranks.hit_rate(), "val_ndcg_at_10": ranks.ndcg()}
        epochs.append(Epoch(number, figures, datetime.now(UTC)))
    return epochs


def _scores(ranks: dict[str, Ranks]) -> dict[str, float]:
    prefixes = {"item-item": "", "popularity": "popularity_", "random": "random_"}
    return {
        f"{prefixes[name]}{figure}_at_10": value
        for name, each in ranks.items()
        for figure, value in (("hit_rate", each.hit_rate()), ("ndcg", each.ndcg()))
    }


def _facts(chosen: Settings) -> dict[str, str]:
    told = {f"chosen_{name}": f"{value:g}" for name, value in asdict(chosen).items()}
    return {"task": "recommendation", "estimator": "item-item", "seeded": "true", **told}
