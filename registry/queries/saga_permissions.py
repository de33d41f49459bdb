"""Who may begin what cannot be undone, and who may follow it."""

from django.contrib.auth.models import User

from registry.exceptions import ForbiddenError, NotFoundError
from registry.fields import HEX_ID
from registry.models import Dataset, ExperimentPermission, Saga, TrainingRun

from .permissions import may

Level = ExperimentPermission.Level


def saga_for(user: User, saga_id: str) -> Saga:
    """The saga that this user began; a superuser sees all (one statement).

    Raises:
        NotFoundError: there is none, or another began it.
    """
    rows = Saga.objects.all() if user.is_superuser else Saga.objects.filter(created_by=user)
    saga = rows.filter(saga_id=saga_id).first() if HEX_ID.fullmatch(saga_id) else None
    if saga is None:
        raise NotFoundError(f"There is no saga with id {saga_id[:100]!r}.")
    return saga


def require_dataset_purge(*, user: User, name: str, with_runs: bool) -> None:
    """Let the user purge a dataset: its creator may, and with runs whoever manages all of theirs.

    Raises:
        NotFoundError: there is no such dataset.
        ForbiddenError: it is another's, or runs of other experiments were trained on it.
    """
    dataset = Dataset.objects.filter(name=name).first()
    if dataset is None:
        raise NotFoundError(f"There is no dataset named {name!r}.")
    if not user.is_superuser and dataset.created_by_id != user.pk:
        raise ForbiddenError(f"The dataset {name!r} was created by another. Ask an administrator.")
    managed = may(user, Level.MANAGE, experiment="experiment")
    if with_runs and not user.is_superuser and TrainingRun.objects.reading(dataset).exclude(managed).exists():
        raise ForbiddenError("Runs of experiments that you do not manage were trained on this dataset.")
