"""The datasets that clients elsewhere describe: found by name and digest, or made.

MLflow knows a dataset by its name and digest together; here a name is one dataset. So where a name is
taken by other data, the dataset is kept as ``name (digest)`` and remembers the name it was given.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from registry.documents import plain
from registry.enums import Lifecycle
from registry.exceptions import BadInputError, ConflictError
from registry.models import Dataset
from registry.sync.audit import record

from .names import MAX_NAME, checked_name

LIMITS = {
    "name": 500,
    "digest": 36,
    "source_type": 36,
    "source": 65_535,
    "schema": 1_048_575,
    "profile": 16_777_215,
}
LONGEST_SHORTENED = 170
MAX_COUNT = 2**31 - 1
BY_NAME = "SELECT * FROM registry_dataset WHERE name = %s FOR KEY SHARE"


@dataclass(frozen=True)
class GivenDataset:
    """A dataset as its logger describes it; schema and profile are texts, JSON mostly."""

    name: str
    digest: str = ""
    source_type: str = ""
    source: str = ""
    schema: str = ""
    profile: str = ""

    def check(self) -> None:
        """Refuse what does not fit.

        Raises:
            BadInputError: the name is blank, or a field is too long.
        """
        for name, limit in LIMITS.items():
            text = getattr(self, name)
            if len(text) > limit:
                raise BadInputError(f"'{name}' exceeds the maximum length of {limit} characters")
            plain.check_text(text, where=f"The dataset's {name}")
        checked_name(self.name, what="The dataset's name", limit=LIMITS["name"])

    def is_kept_as(self, dataset: Dataset) -> bool:
        """Whether this is that dataset."""
        return (dataset.given_name or dataset.name, dataset.digest) == (self.name, self.digest)


def ensure_dataset(given: GivenDataset, *, user: User | None) -> Dataset:
    """The dataset with this name and digest, made where there is none, in the running transaction.

    It can't be purged until the transaction ends. One statement where the name has always meant the same.

    Raises:
        ConflictError: it is being purged.
    """
    return place_dataset(given, user=user)[0]


def place_dataset(given: GivenDataset, *, user: User | None) -> tuple[Dataset, bool]:
    """The same, and whether it was made now."""
    for name in _names(given):
        there = _found(name)
        made = None if there else _made(name, given, user)
        dataset = there or made or _found(name)
        if dataset is not None and given.is_kept_as(dataset):
            if dataset.lifecycle != Lifecycle.ACTIVE:
                raise ConflictError(f"The dataset {name!r} is being purged. Use another.")
            return dataset, made is not None
    raise ConflictError(f"The dataset {given.name[:100]!r} has no free name. Log it under another.")


def _names(given: GivenDataset) -> Iterator[str]:
    """Where it may be kept: each name is tried in turn."""
    if len(given.name) <= MAX_NAME:
        yield given.name
    if len(longer := f"{given.name} ({given.digest})") <= MAX_NAME:
        yield longer
    mark = hashlib.sha256(f"{given.name}\n{given.digest}".encode()).hexdigest()[:8]
    yield f"{given.name[:LONGEST_SHORTENED]} ({given.digest}, {mark})"


def _found(name: str) -> Dataset | None:
    return next(iter(Dataset.objects.raw(BY_NAME, [name])), None)


def _made(name: str, given: GivenDataset, user: User | None) -> Dataset | None:
    """The new dataset; None where another request has just made one of this name."""
    rows, columns = _counts(given.profile)
    dataset = Dataset(
        name=name,
        given_name="" if name == given.name else given.name,
        digest=given.digest,
        source_type=given.source_type,
        source=given.source,
        schema=given.schema or {},  # the text itself, so that it comes back to the letter
        profile=given.profile,
        row_count=rows,
        feature_count=columns,
        created_by=user,
    )
    try:
        with transaction.atomic():
            dataset.save(force_insert=True)
    except IntegrityError:
        return None
    record(action="dataset.create", subject_id=name)
    return dataset


def _counts(profile: str) -> tuple[int | None, int | None]:
    """Rows and features, where the profile says so in MLflow's way."""
    try:
        found = json.loads(profile)
    except (ValueError, RecursionError):
        return None, None
    if not isinstance(found, dict):
        return None, None
    shape = found.get("features_shape")
    sides = shape if isinstance(shape, list) else []
    rows = found.get("num_rows", sides[0] if sides else None)
    return _count(rows), _count(sides[1] if len(sides) == 2 else None)  # noqa: PLR2004 (rows, columns)


def _count(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value <= MAX_COUNT else None
