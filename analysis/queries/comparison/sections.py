"""What the smaller tables are made of: the runs themselves, code, environment, data sets."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analysis.stats.numbers import human_duration
from registry.sync.many_run_bodies import BodyPart

from .facts import RunFacts
from .runs import ComparedRun

Values = dict[str, dict[int, Any]]
"""Key → the runs' primary keys → value."""

CODE_TAGS = {
    "mlflow.source.git.commit": "git commit",
    "mlflow.source.git.branch": "git branch",
    "mlflow.source.git.repoURL": "git repository",
    "mlflow.source.name": "started by",
    "mlflow.source.type": "kind of source",
    "mlflow.user": "user on the machine",
}
CODE_KEYS = {"git.commit": "git commit", "git.is_dirty": "uncommitted changes", "argv0": "started by"}


def about(runs: Sequence[ComparedRun]) -> Values:
    """Who, when, what: from the runs' own rows."""
    return _by_key(
        (run, key, value)
        for run in runs
        for key, value in {
            "experiment": run.experiment,
            "model": run.model,
            "framework": run.framework,
            "owner": run.owner,
            "status": run.status.lower(),
            "started": f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC",
            "duration": "" if run.duration_seconds is None else human_duration(run.duration_seconds),
            "failure": run.failure_reason,
        }.items()
        if value
    )


def of_facts(runs: Sequence[ComparedRun], facts: Mapping[int, RunFacts], kind: str) -> Values:
    """The params, or the tags but for those that the code section shows, by key."""
    values = _by_key((run, key, value) for run in runs for key, value in getattr(facts[run.pk], kind).items())
    hidden = CODE_TAGS if kind == "tags" else {}
    return {key: values[key] for key in sorted(values) if key not in hidden}


def environment(runs: Sequence[ComparedRun], bodies: Mapping[str, BodyPart]) -> Values:
    """Python, platform, machine, packages: all that was recorded but the code."""
    values = _by_key(
        (run, key, value) for run in runs for key, value in _recorded(run, bodies) if key not in CODE_KEYS
    )
    return {key: values[key] for key in sorted(values)}


def code(
    runs: Sequence[ComparedRun], facts: Mapping[int, RunFacts], bodies: Mapping[str, BodyPart]
) -> Values:
    """Commit, uncommitted changes and script: as the tracker recorded them, else as MLflow's tags say."""
    tagged = (
        (run, name, facts[run.pk].tags[tag])
        for run in runs
        for tag, name in CODE_TAGS.items()
        if tag in facts[run.pk].tags
    )
    recorded = (
        (run, CODE_KEYS[key], value)
        for run in runs
        for key, value in _recorded(run, bodies)
        if key in CODE_KEYS
    )
    values = _by_key([*tagged, *recorded])
    order = dict.fromkeys([*CODE_KEYS.values(), *CODE_TAGS.values()])
    return {name: values[name] for name in order if name in values}


def datasets(runs: Sequence[ComparedRun], facts: Mapping[int, RunFacts]) -> Values:
    """The main data set with its digest and size, and what else was read."""
    main = (
        (run, key, value)
        for run in runs
        if (dataset := run.dataset)
        for key, value in {
            "name": dataset.given_name or dataset.name,
            "digest": dataset.digest,
            "rows": dataset.row_count,
            "features": dataset.feature_count,
            "source": dataset.source,
        }.items()
        if value not in (None, "")
    )
    read = (
        (run, f"input: {context or 'no context'}", names)
        for run in runs
        for context, names in facts[run.pk].inputs.items()
    )
    return _by_key([*main, *read])


def configs(runs: Sequence[ComparedRun], bodies: Mapping[str, BodyPart]) -> dict[int, Any]:
    """The nested params, free metadata and models of each run that has any."""
    found = (
        (run.pk, {key: value for key, value in part.fields.items() if key != "environment" and value})
        for run in runs
        if (part := bodies.get(run.run_id))
    )
    return {pk: config for pk, config in found if config}


def _recorded(run: ComparedRun, bodies: Mapping[str, BodyPart]) -> Iterator[tuple[str, Any]]:
    part = bodies.get(run.run_id)
    environment = part.fields.get("environment") if part else None
    yield from _flat(environment, "") if isinstance(environment, dict) else ()


def _flat(branch: dict[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for key, value in branch.items():
        here = f"{path}{key}"
        if isinstance(value, dict):
            yield from _flat(value, f"{here}.")
        else:
            yield here, value


def _by_key(found: Any) -> Values:
    values: Values = {}
    for run, key, value in found:
        values.setdefault(key, {})[run.pk] = value
    return values
