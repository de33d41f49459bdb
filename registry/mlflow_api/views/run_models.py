"""The logged models that a run made, and models as older clients record them."""

from django.http import HttpRequest, HttpResponse

from registry.api.authentication import Caller
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.mlflow_api.answers import answer
from registry.mlflow_api.parsing import missing, read
from registry.models import ExperimentPermission, RunModel
from registry.queries.permissions import run_for
from registry.services.logged_models import link_models
from registry.services.run_models import log_run_model
from registry.sync.outbox import only_promised

from .logged_models import models_in
from .runs import run_id_in

EDIT = ExperimentPermission.Level.EDIT


@endpoint(TokenScope.WRITE)
def log_outputs(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Logged models that the run made; the same again is fine."""
    fields = read(request)
    run_id = run_id_in(fields)
    if "models" not in fields:
        raise missing("models")
    run_for(caller.user, run_id, level=EDIT)
    link_models(run_id=run_id, models=models_in(fields, caller), role=RunModel.Role.OUTPUT)
    return answer({})


@endpoint(TokenScope.WRITE)
def log_model(request: HttpRequest, caller: Caller) -> HttpResponse:
    """A model that was logged as an artifact of the run."""
    fields = read(request)
    run_id, model_json = run_id_in(fields), fields.required("model_json")
    run_for(caller.user, run_id, level=EDIT)
    with only_promised():
        log_run_model(run_id=run_id, model_json=model_json)
    return answer({})
