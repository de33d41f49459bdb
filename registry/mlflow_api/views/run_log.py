"""What runs log: metrics, params and tags, one by one and in batches."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from registry.api.authentication import Caller
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.exceptions import BadInputError, NotFoundError
from registry.mlflow_api.answers import answer
from registry.mlflow_api.ids import kept_model_id
from registry.mlflow_api.limits import check_batch, check_size
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
from registry.services.metrics import MetricSample, log_metrics
from registry.services.model_metrics import ModelMetric
from registry.services.run_batches import log_batch
from registry.services.tags import delete_run_tags
from registry.sync.outbox import only_promised

from .runs import run_id_in

EDIT = ExperimentPermission.Level.EDIT
METRIC_FIELDS = ("key", "value", "timestamp", "step", "model_id", "dataset_name", "dataset_digest")
MAX_TAG_VALUE = 8_000
MAX_INT64 = 2**63


@endpoint(TokenScope.WRITE)
def metric(request: HttpRequest, caller: Caller) -> HttpResponse:
    """One metric, in one statement."""
    fields = read(request)
    run_id = run_id_in(fields)
    values = {name: fields.raw(name) for name in METRIC_FIELDS}
    sample = _sample(values, "")
    if values["model_id"]:
        scored = [_scored(values, sample)]
        log_batch(run_id=run_id, editor=caller.user, metrics=[sample], model_metrics=scored)
        return answer({})
    with only_promised():
        log_metrics(run_id=run_id, points=[sample], editor=caller.user)
    return answer({})


@endpoint(TokenScope.WRITE)
def batch(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Metrics, params and tags: all of them or none. Metrics alone take one statement, or few."""
    check_size(request)
    fields = read(request)
    metrics, params, tags = (fields.objects(name) for name in ("metrics", "params", "tags"))
    check_batch(metrics=len(metrics), params=len(params), tags=len(tags))
    samples = [_sample(each, f"metrics[{place}].") for place, each in enumerate(metrics)]
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
        tags={key: value[:MAX_TAG_VALUE] for key, value in fields.pairs("tags").items()},
    )
    return answer({})


@endpoint(TokenScope.WRITE)
def param(request: HttpRequest, caller: Caller) -> HttpResponse:
    """One param; the same value again is fine."""
    fields = read(request)
    log_batch(
        run_id=run_id_in(fields),
        editor=caller.user,
        params={fields.required("key"): fields.text("value")},
    )
    return answer({})


@endpoint(TokenScope.WRITE)
def set_tag(request: HttpRequest, caller: Caller) -> HttpResponse:
    """One tag; it takes the new value where it is there."""
    fields = read(request)
    log_batch(
        run_id=run_id_in(fields),
        editor=caller.user,
        tags={fields.required("key"): fields.text("value")[:MAX_TAG_VALUE]},
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


def _sample(given: dict[str, Any], place: str) -> MetricSample:
    """A metric as it came. Written for speed: a batch has up to a thousand."""
    key, value, at, step = given.get("key"), given.get("value"), given.get("timestamp"), given.get("step", 0)
    if type(value) is not float:
        if value is None:
            raise missing(f"{place}value")
        value = checked_number(f"{place}value", value)
    if type(at) is not int or not 0 <= at < MAX_INT64:
        at = _timestamp(f"{place}timestamp", at)
    if type(step) is not int or not -MAX_INT64 <= step < MAX_INT64:
        step = 0 if step is None else checked_integer(f"{place}step", step)
    if type(key) is not str or not key:
        key = _key(f"{place}key", key)
    return MetricSample(key, value, step, at)


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
        key = _key(f"params[{place}].key", each.get("key"))
        value = checked_text(f"params[{place}].value", each.get("value") or "")
        if found.setdefault(key, value) != value:
            raise BadInputError(
                f"Duplicate parameter keys have been submitted: the param {key[:100]!r} has two values."
            )
    return found
