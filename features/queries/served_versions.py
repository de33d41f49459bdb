"""What a prediction must know of a model version, by PostgreSQL."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

from features.predicting.formats import StoredFile
from registry.exceptions import NotFoundError
from registry.models import Experiment, ModelAlias, ModelVersion
from registry.queries.model_versions import BIGGEST, no_version
from registry.queries.version_files import version_files

FEATURES_TAG = "features"
MOST_FILES = 1_000


@dataclass(frozen=True)
class ServedVersion:
    """A version with its files.

    Attributes:
        features: ``view:feature`` in the order of the model's columns, as the version's tag ``features``
            has them, separated by commas; none where the features come with the request.
        experiment: whose levels say who may predict; None for a version without files.
        dataset: the one that the run was trained on; empty where it named none.
    """

    model: str
    number: int
    run_id: str
    run_name: str
    dataset: str
    experiment: Experiment | None
    features: tuple[str, ...]
    files: tuple[StoredFile, ...]

    @cached_property
    def digest(self) -> str:
        """Changes with the files, or with the features that the model reads."""
        told = repr((self.features, sorted(each.sha256 for each in self.files)))
        return hashlib.sha256(told.encode()).hexdigest()[:12]

    def file(self, path: str) -> StoredFile | None:
        """The file at a path, where there is one."""
        return next((each for each in self.files if each.path == path), None)


def served_version(model: str, number: int) -> ServedVersion:
    """One version of a model (three statements).

    Raises:
        NotFoundError: there is none.
    """
    rows = ModelVersion.objects.select_related(
        "model", "run__experiment", "run__dataset", "logged_model__experiment"
    )
    found = rows.filter(model__name=model, number=min(max(number, 0), BIGGEST)).first()
    if found is None:
        raise no_version(model, number)
    run, owner = found.run, found.logged_model or found.run
    tag = found.tags.filter(key=FEATURES_TAG).values_list("value", flat=True).first() or ""
    files = version_files(found).order_by("path").values_list("path", "sha256", "size_bytes")
    return ServedVersion(
        model=found.model.name,
        number=found.number,
        run_id=run.run_id if run else "",
        run_name=run.name if run else "",
        dataset=run.dataset.name if run and run.dataset else "",
        experiment=owner.experiment if owner else None,
        features=tuple(part.strip() for part in tag.split(",") if part.strip()),
        files=tuple(StoredFile(*each) for each in files[:MOST_FILES]),
    )


def aliased_number(model: str, alias: str) -> int:
    """The version that an alias points at (one statement).

    Raises:
        NotFoundError: there is no such alias.
    """
    rows = ModelAlias.objects.filter(model__name=model, alias=alias)
    number = rows.values_list("version__number", flat=True).first()
    if number is None:
        raise NotFoundError(f"The model {model[:100]!r} has no alias {alias[:100]!r}.")
    return number
