"""What runs read: datasets and logged models."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from registry.api.authentication import Caller
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.mlflow_api import ids
from registry.mlflow_api.answers import answer
from registry.mlflow_api.parsing import Fields, missing, read
from registry.models import ExperimentPermission
from registry.queries.permissions import logged_model_for, run_for
from registry.services.dataset_inputs import GivenDataset
from registry.services.run_inputs import DatasetInput, log_inputs
from registry.sync.outbox import only_promised

from .runs import run_id_in

FIELDS = ("name", "digest", "source_type", "source", "schema", "profile")


@endpoint(TokenScope.WRITE)
def write(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Say what a run read; the same again changes nothing."""
    fields = read(request)
    run_id = run_id_in(fields)
    run_for(caller.user, run_id, level=ExperimentPermission.Level.EDIT)
    datasets = [_input(each, place) for place, each in enumerate(fields.objects("datasets"))]
    wanted = [Fields(each).required("model_id") for each in fields.objects("models")]
    models = [logged_model_for(caller.user, ids.kept_model_id(model_id)) for model_id in wanted]
    with only_promised():
        log_inputs(run_id=run_id, datasets=datasets, models=models, user=caller.user)
    return answer({})


def _input(given: dict[str, Any], place: int) -> DatasetInput:
    fields = Fields(given)
    dataset = fields.group("dataset")
    if "name" not in dataset:
        raise missing(f"datasets[{place}].dataset.name")
    return DatasetInput(
        GivenDataset(**{name: dataset.text(name) for name in FIELDS}), list(fields.pairs("tags").items())
    )
