"""Runs: creating, changing, the bin."""

from django.http import HttpRequest, HttpResponse

from registry.api.authentication import Caller
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.exceptions import BadInputError
from registry.fields import HEX_ID
from registry.mlflow_api import ids
from registry.mlflow_api.answers import answer, info_json, milliseconds, pairs, run_info_json
from registry.mlflow_api.parsing import Fields, read
from registry.models import ExperimentPermission
from registry.queries.permissions import run_for
from registry.services.default_experiment import ensure_default_experiment
from registry.services.run_batches import RUN_NAME_TAG
from registry.services.run_creation import create_run, invented_name
from registry.services.run_updates import update_run
from registry.services.runs import delete_run, restore_run
from registry.sync.outbox import only_promised

EDIT = ExperimentPermission.Level.EDIT
PARENT_TAG = "mlflow.parentRunId"


@endpoint(TokenScope.WRITE)
def create(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Create a run, in one statement; its body is the relay's."""
    fields = read(request)
    kept_id = ids.kept_experiment_id(fields.text("experiment_id", ids.DEFAULT_ID) or ids.DEFAULT_ID)
    if kept_id == ids.DEFAULT_KEPT_AS:
        ensure_default_experiment(experiment_id=kept_id)
    tags = fields.pairs("tags")
    name = _name(fields, tags)
    parent = tags.get(PARENT_TAG, "")
    run = create_run(
        experiment_id=kept_id,
        user=caller.user,
        name=name,
        parent_run_id=parent if HEX_ID.fullmatch(parent) else None,
        tags=tags | {RUN_NAME_TAG: name},
        started_at=fields.moment("start_time") or None,
    )
    info = info_json(
        run_id=run.run_id,
        experiment_id=run.experiment_id,
        name=run.name,
        username=caller.user.get_username(),
        started_ms=milliseconds(run.started_at),
    )
    return answer({"run": {"info": info, "data": {"tags": pairs(run.tags)}, "inputs": {}, "outputs": {}}})


@endpoint(TokenScope.WRITE)
def update(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Change a run's status, end and name; the same again changes nothing."""
    fields = read(request)
    run_id = run_id_in(fields)
    run_for(caller.user, run_id, level=EDIT)
    with only_promised():
        run = update_run(
            run_id=run_id,
            status=fields.text("status") or None,
            ended_at=fields.moment("end_time"),
            name=fields.text("run_name") or None,
        )
    return answer({"run_info": run_info_json(run)})


@endpoint(TokenScope.WRITE)
def delete(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Move a run to the bin."""
    run_id = run_id_in(read(request))
    run_for(caller.user, run_id, level=EDIT)
    delete_run(run_id=run_id)
    return answer({})


@endpoint(TokenScope.WRITE)
def restore(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Take a run out of the bin."""
    run_id = run_id_in(read(request))
    run_for(caller.user, run_id, level=EDIT)
    restore_run(run_id=run_id)
    return answer({})


def run_id_in(fields: Fields) -> str:
    """The run's id, which older clients call ``run_uuid``.

    Raises:
        BadInputError: there is none.
        NotFoundError: it is none that we give.
    """
    return ids.checked_run_id(fields.text("run_id") or fields.text("run_uuid") or fields.required("run_id"))


def _name(fields: Fields, tags: dict[str, str]) -> str:
    name, tagged = fields.text("run_name"), tags.get(RUN_NAME_TAG, "")
    if name and tagged and name != tagged:
        raise BadInputError(
            "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values"
            f" (run_name='{name[:100]}', mlflow.runName='{tagged[:100]}')."
        )
    return name or tagged or invented_name()
