"""What a filter compares of runs. The run is ``r``."""

from collections.abc import Callable

from registry.filters import Comparison, Entity
from registry.models.param import number_in

from .conditions import owned
from .operators import Arguments, id_sql, moment_sql, number_sql, text_sql

USERNAME = "(SELECT u.username FROM auth_user u WHERE u.id = r.created_by_id)"
PUBLIC_EXPERIMENT = """(SELECT CASE WHEN e.experiment_id = repeat('0', 32) THEN '0' ELSE e.experiment_id END
    FROM registry_experiment e WHERE e.id = r.experiment_id)"""
HEX_RUN = "replace(r.run_id::text, '-', '')"
ARTIFACT_URI = f"'mlflow-artifacts:/' || {PUBLIC_EXPERIMENT} || '/' || {HEX_RUN} || '/artifacts'"
TEXTS = {
    "run_name": "r.name",
    "name": "r.name",
    "status": "r.status",
    "model_name": "r.model_name",
    "model": "r.model_name",
    "framework": "r.framework",
    "lifecycle": "r.lifecycle",
    "user_id": f"coalesce({USERNAME}, '')",
    "artifact_uri": f"({ARTIFACT_URI})",
}
MOMENTS = {
    "start_time": "r.started_at",
    "end_time": "r.ended_at",
    "started_at": "r.started_at",
    "ended_at": "r.ended_at",
}
NUMBERS = {"accuracy": "r.accuracy", "loss": "r.loss", "duration": "r.duration_seconds"}
# A run's attributes that are names of other rows: its column, their table and their name.
NAMES = {
    "experiment": ("r.experiment_id", "registry_experiment", "name"),
    "dataset": ("r.dataset_id", "registry_dataset", "name"),
    "owner": ("r.created_by_id", "auth_user", "username"),
}
DATASET_COLUMNS = {
    "name": "coalesce(nullif(d.given_name, ''), d.name)",
    "digest": "d.digest",
    "context": "i.context",
}
METRIC_COLUMNS = {"last": "latest_value", "min": "min_value", "max": "max_value"}
OF_INPUTS = """r.id IN (SELECT i.run_id FROM registry_runinput i
    JOIN registry_dataset d ON d.id = i.dataset_id WHERE {})"""
OF_DATASET = "r.dataset_id IN (SELECT d.id FROM registry_dataset d WHERE {})"
TABLES = {
    Entity.METRIC: "registry_metric",
    Entity.PARAM: "registry_param",
    Entity.TAG: "registry_runtag",
}
OWNER = "x.run_id = r.id"


def run_condition(comparison: Comparison, arguments: Arguments) -> str:
    """One comparison as SQL."""
    if comparison.operator in ("IS NULL", "IS NOT NULL"):
        if comparison.field.entity is Entity.ATTRIBUTE:
            return f"{_column(comparison.field.key)} {comparison.operator}"
        found = owned(TABLES[comparison.field.entity], OWNER, arguments.add(comparison.field.key), "true")
        return f"NOT {found}" if comparison.operator == "IS NULL" else found
    return CONDITIONS[comparison.field.entity](comparison, arguments)


def _attribute(comparison: Comparison, arguments: Arguments) -> str:
    key, operator, value = comparison.field.key, comparison.operator, comparison.value
    if key == "run_id":
        return id_sql("r.run_id", operator, value, arguments)
    if key in MOMENTS:
        return moment_sql(MOMENTS[key], operator, value, arguments)
    if key in NUMBERS:
        return number_sql(NUMBERS[key], operator, value, arguments)
    if key in NAMES:
        column, table, name = NAMES[key]
        told = text_sql(f"x.{name}", operator, value, arguments)
        return f"{column} IN (SELECT x.id FROM {table} x WHERE {told})"  # noqa: S608 (values are placeholders)
    return text_sql(TEXTS[key], operator, value, arguments)


def _column(attribute: str) -> str:
    """The column that is NULL where a run has no such attribute."""
    return NAMES[attribute][0] if attribute in NAMES else (NUMBERS | MOMENTS)[attribute]


def _metric(comparison: Comparison, arguments: Arguments) -> str:
    field, operator, value = comparison.field, comparison.operator, comparison.value
    column = METRIC_COLUMNS[field.statistic]
    told = number_sql(f"x.{column}", operator, value, arguments)
    found = owned("registry_metric", OWNER, arguments.add(field.key), told)
    if not field.or_key:
        return found
    own_key = arguments.add(field.or_key)
    own = owned("registry_metric", OWNER, own_key, number_sql("x.latest_value", operator, value, arguments))
    return f"{own} OR ({found} AND NOT {owned('registry_metric', OWNER, own_key, 'true')})"


def _param(comparison: Comparison, arguments: Arguments) -> str:
    operator, value = comparison.operator, comparison.value
    first = value[0] if isinstance(value, tuple) else value
    if isinstance(first, float):
        told = number_sql("x.value_number", operator, value, arguments)
        told = f"({told} OR x.value_number IS NULL)" if operator in ("!=", "NOT IN") else told
    else:
        told = text_sql("x.value", operator, value, arguments)
        number = number_in(str(value)) if operator == "=" else None
        if number is not None:  # the same number, too: there is an index on it
            told += f" AND x.value_number = {arguments.add(number)}::float8"
    return owned("registry_param", OWNER, arguments.add(comparison.field.key), told)


def _tag(comparison: Comparison, arguments: Arguments) -> str:
    told = text_sql("x.value", comparison.operator, comparison.value, arguments)
    if comparison.operator == "=":  # its digest, too: there is an index on it
        told += f" AND md5(x.value) = md5({arguments.add(comparison.value)})"
    return owned("registry_runtag", OWNER, arguments.add(comparison.field.key), told)


def _dataset(comparison: Comparison, arguments: Arguments) -> str:
    key = comparison.field.key
    told = text_sql(DATASET_COLUMNS[key], comparison.operator, comparison.value, arguments)
    inputs = OF_INPUTS.format(told)
    if key == "context":
        return inputs
    return f"{inputs} OR {OF_DATASET.format(told)}"


CONDITIONS: dict[Entity, Callable[[Comparison, Arguments], str]] = {
    Entity.ATTRIBUTE: _attribute,
    Entity.METRIC: _metric,
    Entity.PARAM: _param,
    Entity.TAG: _tag,
    Entity.DATASET: _dataset,
}
