"""MLflow's ids and ours: the default experiment is "0" there, logged models begin with ``m-``."""

import re

from registry.exceptions import BadInputError, NotFoundError
from registry.fields import HEX_ID
from registry.services import default_experiment

DEFAULT_ID, DEFAULT_KEPT_AS = default_experiment.DEFAULT_ID, default_experiment.DEFAULT_KEPT_AS
MODEL_ID = re.compile(r"m-([0-9a-f]{32})")


def kept_experiment_id(mlflow_id: str) -> str:
    """The id as our column has it.

    Raises:
        NotFoundError: it is none that we give.
    """
    if mlflow_id == DEFAULT_ID:
        return DEFAULT_KEPT_AS
    if not HEX_ID.fullmatch(mlflow_id):
        raise NotFoundError(f"No Experiment with id={mlflow_id[:100]} exists")
    return mlflow_id


def searched_experiment_id(mlflow_id: str) -> str:
    """The same for a search, which finds nothing in an experiment that is not there."""
    return DEFAULT_KEPT_AS if mlflow_id == DEFAULT_ID else mlflow_id


def experiment_id(kept: str) -> str:
    """The id as MLflow's clients know it."""
    return DEFAULT_ID if kept == DEFAULT_KEPT_AS else kept


def checked_run_id(run_id: str) -> str:
    """A run's id.

    Raises:
        NotFoundError: it is none that we give.
    """
    if not HEX_ID.fullmatch(run_id):
        raise NotFoundError(f"Run with id={run_id[:100]} not found")
    return run_id


def kept_model_id(mlflow_id: str) -> str:
    """A logged model's id as our column has it.

    Raises:
        NotFoundError: it is none that we give.
    """
    found = MODEL_ID.fullmatch(mlflow_id)
    if found is None:
        raise NotFoundError(f"Logged model with ID '{mlflow_id[:100]}' not found.")
    return found[1]


def model_id(kept: str) -> str:
    """A logged model's id as MLflow's clients know it."""
    return f"m-{kept}"


def run_artifact_uri(experiment: str, run_id: str) -> str:
    """Where a run's artifacts are, for clients; ``experiment`` is MLflow's id."""
    return f"mlflow-artifacts:/{experiment}/{run_id}/artifacts"


def model_artifact_uri(experiment: str, kept_model: str) -> str:
    """Where a logged model's artifacts are, for clients; ``experiment`` is MLflow's id."""
    return f"mlflow-artifacts:/{experiment}/models/{model_id(kept_model)}/artifacts"


def required_one_of(**given: str) -> None:
    """Refuse a request that gives none of these.

    Raises:
        BadInputError: all are empty.
    """
    if not any(given.values()):
        raise BadInputError(f"Give one of {', '.join(given)}.")
