"""Creating datasets."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from registry.documents import plain
from registry.exceptions import BadInputError, DuplicateNameError, NotFoundError
from registry.models import Dataset, DatasetParent
from registry.sync.audit import record

from .idempotency import make_once
from .names import checked_name, checked_text


def create_dataset(
    *,
    name: str,
    digest: str,
    row_count: int | None = None,
    feature_count: int | None = None,
    source: str = "",
    description: str = "",
    schema: Mapping[str, Any] | None = None,
    parents: Iterable[str] = (),
    user: User | None = None,
    idempotency_key: str | None = None,
) -> Dataset:
    """Create a dataset, made from its parents.

    Args:
        digest: SHA-256 of the data, or what its source uses, up to 64 characters.
        parents: names of datasets that this one was made from.
        idempotency_key: the same key again gives the dataset that the first request made.

    Raises:
        DuplicateNameError: the name is taken; the message tells whether by the same data.
        NotFoundError: a parent is missing.
        BadInputError: something can't be stored; nothing was.
    """
    if any(count is not None and count < 0 for count in (row_count, feature_count)):
        raise BadInputError("A dataset can't have a negative number of rows or features.")
    dataset = Dataset(
        name=checked_name(name, what="The dataset's name"),
        digest=checked_text(digest, what="The digest", limit=64),
        row_count=row_count,
        feature_count=feature_count,
        source=checked_text(source, what="The source", limit=1_000),
        description=plain.check_text(description, where="The description"),
        schema=plain.as_json(dict(schema or {})),
        created_by=user,
    )
    sources = sorted(set(parents))

    def make() -> tuple[str, Dataset]:
        _insert(dataset)
        links = [DatasetParent(child=dataset, parent=parent) for parent in _found(sources)]
        DatasetParent.objects.bulk_create(links)
        record(action="dataset.create", subject_id=dataset.name)
        return dataset.name, dataset

    request = {
        "name": name, "digest": digest, "row_count": row_count, "feature_count": feature_count,
        "source": source, "description": description, "schema": schema, "parents": sources,
    }  # fmt: skip
    return make_once(
        operation="dataset.create", key=idempotency_key, request=request, make=make, find=find_dataset
    )


def find_dataset(name: str) -> Dataset:
    """The dataset with this name.

    Raises:
        NotFoundError: there is none.
    """
    dataset = Dataset.objects.filter(name=name).first()
    if dataset is None:
        raise NotFoundError(f"There is no dataset named {name!r}.")
    return dataset


def _insert(dataset: Dataset) -> None:
    try:
        with transaction.atomic():
            dataset.save(force_insert=True)
    except IntegrityError as error:
        taken = Dataset.objects.filter(name=dataset.name).first()
        if taken is None:
            raise
        which = "the same data" if taken.digest == dataset.digest else f"other data (digest {taken.digest})"
        raise DuplicateNameError(
            f"There is already a dataset named {dataset.name!r} with {which}."
        ) from error


def _found(names: Iterable[str]) -> list[Dataset]:
    wanted = set(names)
    found = list(Dataset.objects.filter(name__in=wanted))
    if missing := wanted - {dataset.name for dataset in found}:
        raise NotFoundError(f"There is no dataset named {', '.join(sorted(missing))}. Create it first.")
    return found
