"""What runs log: metrics, params and tags, one by one and in batches."""

from operator import itemgetter
from typing import Any

from django.http import HttpRequest, HttpResponse

from registry.api.authentication import Caller
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.exceptions import BadInputError, NotFoundError
from registry.mlflow_api.answers import answer
from registry.mlflow_api.ids import kept_model_id
from registry.mlflow_api.limits import check_batch, check_size
from registry.mlflow_api.names import metric_name, param_name, tag_name
from registry.mlflow_api.parsing import (
    checked_integer,
    checked_number,
    checked_text,
    missing,
    read,
    wrong,
)
from registry.models import ExperimentPermission
from registry.queries.permissions import run_for
from registry.services.metric_samples import MetricSample
from registry.services.model_metrics import ModelMetric
from registry.services.run_batches import log_batch
from registry.services.tags import delete_run_tags
from registry.sync.outbox import only_promised

from .runs import run_id_in

EDIT = ExperimentPermission.Level.EDIT
METRIC_FIELDS = ("key", "value", "timestamp", "step", "model_id", "dataset_name", "dataset_digest")
MAX_TAG_VALUE = 8_000
# The columns of a batch of metrics, in the order of MetricSample, and the types of plain ones.
NAMES = dict.fromkeys(("key", "value", "step", "timestamp")).keys()
PLAIN: tuple[set[type], ...] = ({str}, {float, int}, {int}, {int})


@endpoint(TokenScope.WRITE)
def metric(request: HttpRequest, caller: Caller) -> HttpResponse:
    """One metric, in one statement."""
    fields = read(request)
    run_id = run_id_in(fields)
    values = {name: fields.raw(name) for name in METRIC_FIELDS}
    sample = _sample(values, "")
    scored = [_scored(values, sample)] if values["model_id"] else []
    log_batch(run_id=run_id, editor=caller.user, metrics=[sample], model_metrics=scored)
    return answer({})


@endpoint(TokenScope.WRITE)
def batch(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Metrics, params and tags: all of them or none. Metrics alone take one statement."""
    check_size(request)
    fields = read(request)
    metrics, params, tags = (fields.objects(name) for name in ("metrics", "params", "tags"))
    check_batch(metrics=len(metrics), params=len(params), tags=len(tags))
    samples = _samples(metrics)
    log_batch(
        run_id=run_id_in(fields),
        editor=caller.user,
        metrics=samples,
        model_metrics=[
            _scored(each, sample)
            for each, sample in zip(metrics, samples, strict=True)
            if each.get("model_id")
        ],
        params=_params(params),
        tags={tag_name(key): value[:MAX_TAG_VALUE] for key, value in fields.pairs("tags").items()},
    )
    return answer({})


@endpoint(TokenScope.WRITE)
def param(request: HttpRequest, caller: Caller) -> HttpResponse:
    """One param; the same value again is fine."""
    fields = read(request)
    log_batch(
        run_id=run_id_in(fields),
        editor=caller.user,
        params={param_name(fields.required("key")): fields.text("value")},
    )
    return answer({})


@endpoint(TokenScope.WRITE)
def set_tag(request: HttpRequest, caller: Caller) -> HttpResponse:
    """One tag; it takes the new value where it is there."""
    fields = read(request)
    log_batch(
        run_id=run_id_in(fields),
        editor=caller.user,
        tags={tag_name(fields.required("key")): fields.text("value")[:MAX_TAG_VALUE]},
    )
    return answer({})


@endpoint(TokenScope.WRITE)
def delete_tag(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Delete a tag; one that is not there is an error, as in MLflow."""
    fields = read(request)
    run_id, key = run_id_in(fields), fields.required("key")
    run_for(caller.user, run_id, level=EDIT)
    with only_promised():
        deleted = delete_run_tags(run_id=run_id, keys=[key])
    if not deleted:
        raise NotFoundError(f"No tag with name: {key} in run with id {run_id}")
    return answer({})


def _samples(given: list[dict[str, Any]]) -> list[MetricSample]:
    """Metrics as they came. Where all are plain they are checked as columns, which is five times as fast."""
    columns = [list(map(itemgetter(name), given)) for name in NAMES] if _have_all(given) else []
    if columns and all(set(map(type, each)) <= types for each, types in zip(columns, PLAIN, strict=True)):
        keys, _, _, times = columns
        different = set(keys)
        if min(times, default=0) >= 0 and all(different):
            for key in different:
                metric_name(key)
            return list(map(MetricSample, *columns))
    return [_sample(each, f"metrics[{place}].") for place, each in enumerate(given)]


def _have_all(given: list[dict[str, Any]]) -> bool:
    return all(each.keys() >= NAMES for each in given)


def _sample(given: dict[str, Any], place: str) -> MetricSample:
    value, step = given.get("value"), given.get("step")
    if value is None:
        raise missing(f"{place}value")
    return MetricSample(
        key=metric_name(_key(f"{place}key", given.get("key"))),
        value=checked_number(f"{place}value", value),
        step=0 if step is None else checked_integer(f"{place}step", step),
        timestamp_ms=_timestamp(f"{place}timestamp", given.get("timestamp")),
    )


def _scored(given: dict[str, Any], sample: MetricSample) -> ModelMetric:
    """The same as what a logged model scored, perhaps on a dataset."""
    model_id = kept_model_id(checked_text("model_id", given["model_id"]))
    about = [checked_text(name, given.get(name) or "") for name in ("dataset_name", "dataset_digest")]
    return ModelMetric(model_id, *sample, *about)


def _timestamp(name: str, value: Any) -> int:
    if value is None:
        raise missing(name)
    moment = checked_integer(name, value)
    if moment < 0:
        raise wrong(name, value)
    return moment


def _key(name: str, value: Any) -> str:
    if value in (None, ""):
        raise missing(name)
    return checked_text(name, value)


def _params(given: list[dict[str, Any]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for place, each in enumerate(given):
        key = param_name(_key(f"params[{place}].key", each.get("key")))
        value = checked_text(f"params[{place}].value", each.get("value") or "")
        if found.setdefault(key, value) != value:
            raise BadInputError(
                f"Duplicate parameter keys have been submitted: the param {key[:100]!r} has two values."
            )
    return found
