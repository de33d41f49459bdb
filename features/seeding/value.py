"""The models of customers' value: fitted on CDNOW, recorded as runs and registered."""

from collections.abc import Iterator, Mapping, Sequence

from features.personalisation.parameters import NAME, PATH
from features.seeding.pool import Workers
from features.seeding.publication import CHALLENGER, CHAMPION, name_model, register_version
from features.seeding.recorder import recorded
from features.seeding.results import TrainedRun
from features.seeding.value_rows import value_rows
from features.seeding.value_runs import DATASET, FIRST_HALF, RUNS, WHOLE, ValueRows, ValueRun
from registry.models import TrainingRun
from registry.tracking import Tracker

Values = tuple[Sequence[ValueRows], Iterator[TrainedRun]]
DESCRIPTION = "How often customers will buy and what they will spend: BG/NBD with gamma-gamma."


def absent_values() -> list[ValueRun]:
    """The declared runs that are not on record."""
    known = set(
        TrainingRun.objects.filter(run_id__in=[run.run_id for run in RUNS]).values_list("run_id", flat=True)
    )
    return [run for run in RUNS if run.run_id not in known]


def begin_values(pool: Workers) -> Values:
    """Start to fit what is absent in another process.

    Raises:
        ConflictError: the customers are absent.
        CdnowNotFoundError: the wheel that says who is in the published sample is not installed.
    """
    rows = [value_rows(run) for run in absent_values()]
    return rows, pool.train_values(rows)


def store_values(values: Values, *, tracker: Tracker) -> Iterator[ValueRun]:
    """Record each run, then see that two of them are registered; yields what is on record."""
    if values[0]:
        _describe(tracker)
    for rows, result in zip(*values, strict=True):
        _record(tracker, rows, result)
        yield rows.run
    _publish(tracker)


def _record(tracker: Tracker, rows: ValueRows, result: TrainedRun) -> None:
    with recorded(
        tracker,
        result,
        experiment=NAME,
        name=rows.run.name,
        model_name=NAME,
        framework="scipy",
        dataset=DATASET,
        config=rows.run.config | {"rows_sha256": rows.digest},
    ) as active:
        active.add_note(_told(rows.run, result.scores))


def _describe(tracker: Tracker) -> None:
    whole = value_rows(WHOLE)
    tracker.create_dataset(
        DATASET,
        digest=whole.digest,
        row_count=len(whole.known),
        feature_count=5,
        source="CDNOW, in the lifetimes wheel",
        description="Each customer's repeats, their time and dollars, of 78 weeks.",
    )
    tracker.create_experiment(NAME, description=DESCRIPTION, tags={"seeded": "true", "dataset": DATASET})


def _told(run: ValueRun, found: Mapping[str, float]) -> str:
    if run.is_sample:
        return f"The published parameters, at most {found['published_apart']:.2%} apart."
    if run.is_checked:
        return (
            f"Of the next 39 weeks: mean absolute error {found['mae']:.3f} days with a purchase, by the last"
            f" 39 weeks' repeats {found['baseline_past_mae']:.3f}; the total misses by {found['bias']:+.1%}."
        )
    return f"What is served: value of all customers ${found['value_of_all']:,.0f} in the next 52 weeks."


def _publish(tracker: Tracker) -> None:
    """Safe to repeat: what is there already is left as it is."""
    name_model(NAME, description=DESCRIPTION, user=tracker.user)
    for run, place in ((FIRST_HALF, CHALLENGER), (WHOLE, CHAMPION)):
        register_version(
            NAME, run_id=run.run_id, place=place, path=PATH, description=run.name, user=tracker.user
        )
